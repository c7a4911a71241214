/** The file of timeline tests that people keep beside their configuration. */
import { z } from "zod";
import { STATUSES, VERDICTS } from "../alert/schema.ts";
import { SEVERITIES } from "../alert/severity.ts";
import { duration } from "../config/values.ts";
import { TELLING_KINDS } from "../pipeline/outcome.ts";

/** A Monday morning. */
const DEFAULT_START = "2026-03-02T09:00:00Z";

const at = duration("0s").describe("Since the start.");

const arrival = z.strictObject({
  at,
  source: z.string().describe("Name of a source of the configuration."),
  body: z.unknown().describe("What is sent, as a sender would."),
  times: z
    .int()
    .min(1)
    .max(10_000)
    .default(1)
    .describe("So many events, each taken as a new one; {{ n }} in texts of the body counts them."),
  every: duration("0s").describe("Between one and the next."),
});

const act = z.strictObject({
  at,
  alert: z.string().describe("Title of the alerts that somebody changes."),
  status: z.enum(STATUSES),
  verdict: z.enum(VERDICTS).optional(),
});

const wanted = z.strictObject({
  at,
  to: z.string().describe("Name of a destination."),
  title: z.string().optional().describe("Of the alert; of a digest, of its first."),
  kind: z.enum(TELLING_KINDS).default("alert"),
  alerts: z.int().min(1).default(1).describe("How many alerts the message tells of."),
  severity: z.enum(SEVERITIES).optional(),
  count: z.int().min(1).optional().describe("How often the alert was seen by then."),
});

const scenario = z.strictObject({
  name: z.string().min(1),
  start: z.iso.datetime({ offset: true }).default(DEFAULT_START),
  given: z.array(z.union([arrival, act])).min(1),
  want: z.array(wanted).describe("Every message there must be; any other fails the test."),
  watch: duration("1d").describe("How long nothing else may come after the last line."),
});

export const scenarioFileSchema = z.strictObject({ tests: z.array(scenario).min(1) });

export type Scenario = z.output<typeof scenario>;
export type Arrival = z.output<typeof arrival>;
export type WantedMessage = z.output<typeof wanted>;
