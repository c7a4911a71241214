import { z } from "zod";
import { indexName, indexSettings } from "../index-settings.ts";

// As Kibana lets spaces be named.
const space = z
  .string()
  .regex(/^[a-z0-9_-]+$/, "not a space — write its identifier, as in its URL");

const from = z.enum(["security", "signals", "stack"]);
const workflowStatus = z.enum(["open", "acknowledged", "closed"]);

export const alertsSettings = z.strictObject({
  ...indexSettings,
  spaces: z.array(space).min(1).default(["default"]).describe("Identifiers of Kibana's spaces."),
  from: z
    .array(from)
    .min(1)
    .default(["security"])
    .describe("Detection alerts, signals of 7.x, alerts of stack rules."),
  index: indexName()
    .optional()
    .describe("Where the alerts are, in the place of what `spaces` and `from` say."),
  filter: z
    .string()
    .optional()
    .describe("KQL over the fields of the documents: which alerts are read."),
  building_blocks: z
    .boolean()
    .default(false)
    .describe("Read alerts that are only parts of others too."),
  status: z
    .array(workflowStatus)
    .min(1)
    .optional()
    .describe("Only new alerts with one of these; changes of known ones are read always."),
  write_back: z
    .boolean()
    .default(false)
    .describe("Set the status in Kibana when it is changed here; the cluster needs `kibana`."),
});

export type AlertsSettings = z.output<typeof alertsSettings>;
export type AlertsFrom = z.output<typeof from>;
export type WorkflowStatus = z.output<typeof workflowStatus>;
