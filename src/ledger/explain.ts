/** How an event came to what it came to: every stage in words, what became of each delivery, and what is still to come. */
import { z } from "zod";
import { traceStepSchema } from "../alert/schema.ts";
import { alertRecord } from "../pipeline/record.ts";
import type { Silence } from "../silence/silence.ts";
import { actionSchema } from "./actions.ts";
import type { AlertDetail } from "./alert.ts";
import { listedAlertSchema } from "./alerts.ts";
import { deliveryDetailSchema, type DeliveryDetail } from "./delivery-schema.ts";
import { eventSchema, type EventRecord } from "./events.ts";
import { deliveryText } from "./explain-deliveries.ts";
import { explainRoutes, type TriedRoute } from "./explain-routes.ts";
import { stepText } from "./explain-steps.ts";
import { sayCount, sayTime } from "./explain-words.ts";

const explainedStepSchema = traceStepSchema.extend({
  text: z.string().describe("The step in words, with the values that were compared."),
});
export type ExplainedStep = z.infer<typeof explainedStepSchema>;

export const explanationSchema = z
  .object({
    event: eventSchema,
    alert: listedAlertSchema
      .pick({
        id: true,
        number: true,
        title: true,
        severity: true,
        status: true,
        routing: true,
        count: true,
        case_id: true,
        follows: true,
      })
      .nullable()
      .describe("Null when the event came to none."),
    steps: z
      .array(explainedStepSchema)
      .describe("Of the event that opened the alert, then of the latest that changed it."),
    deliveries: z
      .array(deliveryDetailSchema.extend({ text: z.string() }))
      .describe("The oldest first."),
    counterfactual: z
      .array(z.string())
      .describe("What is still to come, and what would have come but for what stood in its way."),
    actions: z.array(actionSchema).describe("What people did to it, the oldest first."),
    events: z.array(eventSchema).describe("Events of the alert."),
  })
  .meta({ id: "Explanation" });
export type Explanation = z.infer<typeof explanationSchema>;

/** What an explanation is made from. */
export interface Explained {
  readonly event: EventRecord;
  /** The alert of the event; null when it has none. */
  readonly alert: AlertDetail | null;
  /** Silences behind its deliveries, as they are now. */
  readonly silences: readonly Silence[];
  /** For an unrouted alert the routes of the configuration that ran last. */
  readonly routes: readonly TriedRoute[];
}

/** Explains an event as things stand at `now` (epoch milliseconds). */
export function explain(explained: Explained, now: number): Explanation {
  const { event, alert } = explained;
  if (!alert) {
    const nothing = { steps: [], deliveries: [], counterfactual: [], actions: [] };
    return { event, alert, ...nothing, events: [event] };
  }
  const { id, number, title, severity, status, routing, count, case_id, follows } = alert;
  const deliveries = alert.deliveries
    .toReversed()
    .map((delivery) => ({ ...delivery, text: textOf(delivery, alert, explained, now) }));
  return {
    event,
    alert: { id, number, title, severity, status, routing, count, case_id, follows },
    steps: alert.trace.map((step) => ({ ...step, text: stepText(step) })),
    deliveries,
    counterfactual: [
      ...belonging(event, alert),
      ...deliveries.filter(({ state }) => state !== "delivered").map(({ text }) => text),
      ...unrouted(explained, alert),
    ],
    actions: alert.actions,
    events: alert.events,
  };
}

function textOf(
  delivery: DeliveryDetail,
  { trace }: AlertDetail,
  { silences }: Explained,
  now: number,
): string {
  return deliveryText(delivery, { trace, silences, now });
}

/** What an event has to do with an alert that it did not open. */
function belonging({ id, outcome, alert: number }: EventRecord, alert: AlertDetail): string[] {
  const seen = `seen ${sayCount(alert.count, "time")} from ${sayTime(alert.first_seen)} to ${sayTime(alert.last_seen)}`;
  switch (outcome) {
    case "repeat":
      return [`event ${id} repeats ${number}, ${seen}; it is told of with that alert alone`];
    case "updated":
      return [`event ${id} changed ${number}; it is told of with that alert alone`];
    case "duplicate":
      return [`event ${id} is one that had come before, as ${number}; it changed nothing`];
    default:
      return [];
  }
}

function unrouted({ routes }: Explained, alert: AlertDetail): string[] {
  if (alert.routing !== "unrouted") return [];
  if (routes.length === 0) return ["no route took it; which were tried is not kept"];
  const record = alertRecord(alert, alert.raw ?? {});
  return explainRoutes(routes, record, Date.parse(alert.received_at));
}
