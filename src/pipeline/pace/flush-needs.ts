/** What has to be known before the deliveries that wait for a cell are flushed. */
import type { StageContext } from "../flow.ts";
import { needsOfMute } from "../mute.ts";
import type { HeldDelivery } from "../outcome.ts";
import { holdOf, type DueCell, type StateReads } from "../state.ts";
import { needsOfWayOut } from "./dispatch.ts";
import { joinReads } from "./holds.ts";
import { needsOfSent } from "./sent.ts";
import { asksForDocument, documentFor, toldOf } from "./told.ts";

/** Asks for the deliveries, then for their alerts and documents, then for the cells of these. */
export function needsOfFlush(due: DueCell, context: StageContext): StateReads {
  const hold = holdOf(due);
  const held = context.state.held(hold);
  const own: StateReads = {
    cells: [due],
    holds: [hold],
    alerts: held.map(({ alert }) => alert),
    documents: held
      .filter((delivery) => asksForDocument(delivery, context))
      .map(({ alert }) => alert),
  };
  return joinReads([own, ...held.map((delivery) => needsOfHeld(delivery, context))]);
}

function needsOfHeld(delivery: HeldDelivery, context: StageContext): StateReads {
  const told = toldOf(delivery, context);
  if (!told) return {};
  const mute = needsOfMute(told.alert, documentFor(delivery, context), context);
  const route = context.configuration.route(delivery.route);
  if (!route) return mute;
  const sent = needsOfSent(route, told, delivery.destination);
  return joinReads([mute, needsOfWayOut(route, told), sent]);
}
