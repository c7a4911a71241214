/** What a comparison of an index with the stream found. */
import { z } from "zod";

/**
 * Why an event of the index is not in the stream.
 * - `before_start`: it is older than what the source was told to read; nothing was lost.
 * - `webhook_lost`: others of its rule came from a sender, and this one did not.
 * - `mapping_lost`: others of its rule came by Kibana's action index, and this one did not.
 * - `late`: the source had read past its time when it could be seen.
 */
export const MISSING_REASONS = ["before_start", "webhook_lost", "mapping_lost", "late"] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];

const time = z.iso.datetime();

const missingSchema = z.object({
  stream: z
    .string()
    .nullable()
    .describe("The rule; empty for what cannot be understood, null for all rules not listed."),
  hour: time.nullable().describe("Begin of the hour; null for events without a time."),
  count: z.int(),
  reason: z.enum(MISSING_REASONS),
  examples: z.array(
    z.object({
      key: z.string(),
      name: z.string().describe("Index and id of the document."),
      at: time.nullable(),
    }),
  ),
});

export const reconcileReportSchema = z
  .object({
    source: z.string(),
    since: time,
    until: time.describe("What is newer is still to be read, and not missing."),
    found: z.int().describe("Events in the index."),
    missing: z.array(missingSchema).describe("By rule, hour and reason."),
    missing_count: z.int().describe("Without those from before the start."),
    before_start_count: z.int().describe("Left out on purpose."),
    backfilled: z.int().describe("Events that were fetched now."),
  })
  .meta({ id: "ReconcileReport" });
export type ReconcileReport = z.infer<typeof reconcileReportSchema>;
