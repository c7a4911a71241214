/** What the audit answers. */
import { z } from "zod";
import { timeSchema } from "./time.ts";

/** What can be wrong. Each is something that cannot be explained by what is still in flight. */
export const GAP_KINDS = [
  "receipt_unbalanced",
  "receipt_entries",
  "entry_without_receipt",
  "entry_without_outcome",
  "stream_behind_store",
  "outcome_unknown",
  "alert_missing",
  "alert_without_event",
  "delivery_missing",
  "delivery_unplanned",
  "delivery_without_alert",
  "delivery_state_unknown",
  "delivered_without_attempt",
  "held_without_timer",
  "folded_without_carrier",
  "count_mismatch",
  "case_mismatch",
] as const;
export type GapKind = (typeof GAP_KINDS)[number];

export const gapSchema = z
  .object({
    kind: z.enum(GAP_KINDS),
    id: z
      .string()
      .describe(
        "Of an entry, alert or case its id; of a receipt or delivery its number; else empty.",
      ),
    position: z.number().int().nullable().describe("Place in the stream, where there is one."),
    detail: z.string(),
  })
  .meta({ id: "Gap" });
export type Gap = z.infer<typeof gapSchema>;

const count = z.number().int();
const age = z.number().nullable().describe("Milliseconds; null when there is none.");

const receivedSchema = z.object({
  items: count,
  accepted: count,
  duplicates: count,
  quarantined: count,
  empty_receipts: count.describe("Receipts that were read and held nothing, as a test message."),
});

const outcomesSchema = z.object({
  alert: count,
  updated: count,
  repeat: count,
  duplicate: count,
  quarantined: count,
});
export type OutcomeCounts = z.infer<typeof outcomesSchema>;

const sourceSchema = z.object({
  name: z.string(),
  received: receivedSchema,
  outcomes: outcomesSchema,
  in_flight: z.object({ entries: count, oldest_age_ms: age }),
});
export type SourceBalance = z.infer<typeof sourceSchema>;

const destinationSchema = z.object({
  name: z.string(),
  pending: count,
  held: count.describe("Of those pending, the ones that wait for a timer."),
  delivered: count,
  dead: count,
  suppressed: count,
  folded: count,
  oldest_pending_age_ms: age,
});
export type DestinationBalance = z.infer<typeof destinationSchema>;

export const auditSchema = z
  .object({
    balanced: z.boolean().describe("No gap was found."),
    window: z.object({
      since: timeSchema.nullable().describe("What was received from then on; null for all."),
      until: timeSchema,
    }),
    decided_to: count.describe("Entries up to here are decided."),
    newest: count.describe("The newest entry of the stream."),
    received: receivedSchema,
    outcomes: outcomesSchema,
    alerts: z.object({ routed: count, unrouted: count }),
    sources: z.array(sourceSchema),
    destinations: z.array(destinationSchema).describe("Deliveries of the window's alerts."),
    in_flight: z
      .object({ entries: count, deliveries: count, oldest_age_ms: age })
      .describe("What is on its way, whenever it was received. Not a gap."),
    gap_count: count.describe("All gaps; `gaps` shows the first of each kind."),
    gaps: z.array(gapSchema),
  })
  .meta({ id: "Audit" });
export type AuditReport = z.infer<typeof auditSchema>;
