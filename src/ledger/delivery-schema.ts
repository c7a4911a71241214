/** What the ledger answers about a delivery. */
import { z } from "zod";
import { SEVERITIES } from "../alert/severity.ts";
import { DELIVERY_KINDS, DELIVERY_STATES } from "../pipeline/outcome.ts";
import { listSchema } from "./page.ts";
import { timeSchema } from "./time.ts";

const toldAlertSchema = z.object({
  id: z.string(),
  number: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
});
export type DeliveredAlert = z.infer<typeof toldAlertSchema>;

const carrierSchema = z.object({
  id: z.number().int(),
  alert: z.string().describe("Number of its alert."),
  state: z.enum(DELIVERY_STATES),
  done_at: timeSchema.nullable(),
});
export type Carrier = z.infer<typeof carrierSchema>;

export const deliverySchema = z
  .object({
    id: z.number().int(),
    alert: toldAlertSchema,
    destination: z.string(),
    route: z.string().describe("The route that asked for it; `write-back` for a status."),
    kind: z
      .enum(DELIVERY_KINDS)
      .describe(
        "`alert` for the first time, `update` of that message, `reminder` that it goes on; `status` writes the alert's status back to where it came from.",
      ),
    sequence: z
      .number()
      .int()
      .describe("0 for the first of its alert and destination, then 1, 2 …"),
    thread: z.string().nullable().describe("Deliveries of one thread are sent in order."),
    state: z.enum(DELIVERY_STATES),
    reason: z.string(),
    cause: z.string().nullable().describe("The silence, policy or route behind the reason."),
    hold: z.string().nullable().describe("The timer that decides about it, as `group:…`."),
    held_until: timeSchema.nullable().describe("When that timer comes; null while it is not set."),
    carrier: carrierSchema.nullable().describe("The delivery that tells of it, when it is folded."),
    digest: z.string().nullable().describe("Why it tells of several alerts; null for one alert."),
    alert_count: z.number().int().describe("How many alerts it tells of."),
    attempt_count: z.number().int(),
    last_error: z.string().nullable().describe("What the newest attempt failed with."),
    created_at: timeSchema,
    due_at: timeSchema
      .nullable()
      .describe("When it is tried next; null unless pending and not held."),
    done_at: timeSchema.nullable().describe("When it ended; null while pending."),
  })
  .meta({ id: "Delivery" });
export type DeliveryRecord = z.infer<typeof deliverySchema>;
export const deliveryListSchema = listSchema("DeliveryList", deliverySchema);

export const attemptSchema = z
  .object({
    number: z.number().int(),
    at: timeSchema,
    verdict: z.enum(["delivered", "retry", "reject"]),
    reason: z.string(),
    status: z.number().int().nullable().describe("HTTP status of the answer."),
    duration_ms: z.number().int(),
    error: z.string().nullable(),
  })
  .meta({ id: "Attempt" });
export type AttemptRecord = z.infer<typeof attemptSchema>;

/** Members of a digest that are shown; all are counted. */
export const MOST_MEMBERS = 50;

export const deliveryDetailSchema = deliverySchema
  .extend({
    members: z
      .array(toldAlertSchema)
      .describe(`Of a digest the first ${MOST_MEMBERS} alerts, its own before all; else empty.`),
    attempts: z.array(attemptSchema),
  })
  .meta({ id: "DeliveryDetail" });
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;
