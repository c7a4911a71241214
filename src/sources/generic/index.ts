/** Anything that speaks JSON: fields come from the configuration, else from common names. */
import { z } from "zod";
import { ARTIFACT_ROLES } from "../../alert/schema.ts";
import { SEVERITIES } from "../../alert/severity.ts";
import { ALERT_FIELDS, type AlertField } from "../alert-fields.ts";
import { MAPPED_TYPES } from "../mapping.ts";
import { defineSource } from "../source.ts";
import { decodeGeneric } from "./decode.ts";
import { expression } from "./expression.ts";
import { normaliseGeneric } from "./normalise.ts";

const alertFields = Object.fromEntries(
  ALERT_FIELDS.map((field) => [field, expression.optional()]),
) as Record<AlertField, z.ZodOptional<typeof expression>>;

const config = z.strictObject({
  items: z
    .string()
    .min(1)
    .optional()
    .describe("Path of the array that holds the events; without it the body is one event."),
  id: expression.optional().describe("What identifies an event: a path or a Liquid template."),
  stream: expression.optional().describe("The rule that raised it; the rule's name if not said."),
  alert: z
    .strictObject(alertFields)
    .optional()
    .describe("Field of the alert ← path or Liquid template. Others come from common names."),
  severity_map: z
    .record(z.string(), z.enum(SEVERITIES))
    .optional()
    .describe("What the sender's severities mean, for example P1: critical."),
  artifacts: z
    .array(
      z.strictObject({
        path: expression,
        type: z.enum(MAPPED_TYPES),
        role: z.enum(ARTIFACT_ROLES).optional(),
      }),
    )
    .optional()
    .describe("Where the observables are; without it they come from common names."),
});
export type GenericConfig = z.infer<typeof config>;

export const genericSource = defineSource({
  kind: "generic",
  vendor: "Generic",
  summary: "Any JSON webhook: alert fields from paths or Liquid templates, else from common names.",
  config,
  decode: decodeGeneric,
  normalise: normaliseGeneric,
});
