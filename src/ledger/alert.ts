/** One alert with everything that is known of it. */
import { z } from "zod";
import { traceStepSchema, type TraceStep } from "../alert/schema.ts";
import { numberOf } from "../alert/id.ts";
import type { Position } from "../pipeline/entry.ts";
import { findAlert, toAlert } from "../store/sqlite/alerts.ts";
import { actionSchema, listActions } from "./actions.ts";
import { listedAlertSchema, type ListedAlert } from "./alerts.ts";
import { deliveryDetailSchema, listDeliveriesOf } from "./deliveries.ts";
import { readDocument } from "./documents.ts";
import { eventSchema, findEvent, listEventsOf, type EventRecord } from "./events.ts";
import type { LedgerFiles } from "./files.ts";
import { notFound, positionOfName } from "./names.ts";

export const alertDetailSchema = listedAlertSchema
  .extend({
    raw: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe("The document of the event that opened it; null once retention has taken it."),
    trace: z.array(traceStepSchema).describe("How it was decided, stage by stage."),
    deliveries: z.array(deliveryDetailSchema),
    events: z.array(eventSchema).describe("Events that opened, updated or repeated it."),
    actions: z.array(actionSchema).describe("What people did to it, the oldest first."),
  })
  .meta({ id: "AlertDetail" });
export type AlertDetail = z.infer<typeof alertDetailSchema>;

/**
 * The alert of an id or a number (`ALR-000123`). The id may also be that of a later event which
 * updated or repeated it. Throws NOT_FOUND, with a hint where the event is instead.
 */
export function getAlert(files: LedgerFiles, name: string): AlertDetail {
  const named = positionOfName(files, name);
  const event = findEvent(files, named);
  const position = event?.alert ? positionOfName(files, event.alert) : named;
  const row = findAlert(files.store, position as Position);
  if (!row) throw notFound(`alert ${name}`, hintFor(event));
  return {
    ...toAlert(files.store, row),
    routing: row.routing as ListedAlert["routing"],
    raw: readDocument(files, position),
    trace: JSON.parse(row.trace) as TraceStep[],
    deliveries: listDeliveriesOf(files, position),
    events: listEventsOf(files, position),
    actions: listActions(files, numberOf(position)),
  };
}

function hintFor(event: EventRecord | undefined): string | undefined {
  if (event?.outcome === "in_flight") return "It is stored and about to be decided; ask again.";
  if (event?.outcome === "quarantined")
    return `It is in quarantine: tocsin quarantine show ${event.id}`;
  return undefined;
}
