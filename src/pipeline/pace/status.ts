/**
 * A status that changed is news for the destinations that know of the alert and hear of status: an
 * update of the message there, due at once. Whether an event changed it (here, in the pipeline) or
 * people did (in the store, which uses `planStatusUpdates` in the transaction of their change).
 *
 * - *knows of the alert*: its first message is out, under way or due, by itself or in a digest. One
 *   that waits will show the status that the alert has then; one that was suppressed or is dead
 *   brought nobody to a message that could change.
 * - Order. The sequence keeps the updates of an alert behind its first message and in order, without
 *   anything written for alerts whose status never changes. Updates of different alerts can change one
 *   digest; for these alone an update has a thread when the message has none: the name of the message.
 */
import type { Alert } from "../../alert/schema.ts";
import { traced, type Flow, type StageContext } from "../flow.ts";
import type { PlannedDelivery } from "../outcome.ts";
import type { KnownDelivery, StoredAlert } from "../state.ts";
import { nextSequence, type KnownRoute } from "./repeats.ts";

/** What of an alert says where it was told of. */
export type ToldAlert = Pick<StoredAlert, "position" | "deliveries">;

/** Updates that tell of the status that an alert has now; `hears` says whom. */
export function planStatusUpdates(
  known: ToldAlert,
  hears: (destination: string) => boolean,
): PlannedDelivery[] {
  const told = known.deliveries.filter((one) => isTold(one) && hears(one.destination));
  // One that was muted first may have been told of twice; the later message is the one that counts.
  const firsts = new Map(told.map((first) => [first.destination, first]));
  return [...firsts.values()].map((first) => statusUpdate(known, first));
}

function isTold({ kind, state, hold }: KnownDelivery): boolean {
  if (kind !== "alert" || hold !== null) return false;
  return state === "pending" || state === "delivered" || state === "folded";
}

function statusUpdate(
  { position, deliveries }: ToldAlert,
  { destination, route, thread, carrier }: KnownDelivery,
): PlannedDelivery {
  return {
    destination,
    route,
    kind: "update",
    sequence: nextSequence(deliveries, destination),
    thread: thread ?? `message:${carrier ?? position}`,
    state: "pending",
    reason: "status_changed",
    hold: null,
    cause: null,
  };
}

/**
 * Adds the news of a status that an event changed; `routes` are those by which the alert is known, and
 * what they plan is planned already. What keeps a message up to date anyway shows the status, too.
 */
export function tellOfStatus(
  flow: Flow,
  known: StoredAlert,
  { status }: Alert,
  routes: readonly KnownRoute[],
  { configuration }: StageContext,
): Flow {
  const { status: before } = known.alert;
  if (status === before) return flow;
  const served = servedAnyway(flow, known, routes);
  const updates = planStatusUpdates(
    known,
    (destination) => configuration.hearsOfStatus(destination) && !served.has(destination),
  );
  if (updates.length === 0) return flow;
  const told = { ...flow, deliveries: [...flow.deliveries, ...updates] };
  const destinations = updates.map(({ destination }) => destination);
  return traced(told, "pace", "planned", "status_changed", { before, status, destinations });
}

/** Destinations that are told something already, or whose message a waiting update will change. */
function servedAnyway(
  flow: Flow,
  { deliveries }: StoredAlert,
  routes: readonly KnownRoute[],
): ReadonlySet<string> {
  const waiting = deliveries.filter(({ kind, hold }) => kind === "update" && hold !== null);
  // Of a digest, the update that waits may be that of another alert.
  const kept = routes.filter(({ route }) => route.repeats === "update");
  const serving = [...flow.deliveries, ...waiting, ...kept.flatMap(({ firsts }) => firsts)];
  return new Set(serving.map(({ destination }) => destination));
}
