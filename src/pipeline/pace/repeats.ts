/**
 * What of an alert was told where, when it repeats or changes: for each route the destinations that
 * can hear more of it.
 */
import type { DeliveryReason, PlannedDelivery } from "../outcome.ts";
import type { StageContext } from "../flow.ts";
import type { CompiledRoute } from "../policies.ts";
import type { CellWrite, KnownDelivery, StoredAlert } from "../state.ts";

/** A route by which a known alert was told of. */
export interface KnownRoute {
  readonly route: CompiledRoute;
  /** The alert as it was before the event at hand. */
  readonly known: StoredAlert;
  /** Its first deliveries by this route, at the destinations for which nothing of it waits. */
  readonly firsts: readonly KnownDelivery[];
}

/** What a repeat adds. */
export interface Addition {
  readonly deliveries: readonly PlannedDelivery[];
  readonly cells: readonly CellWrite[];
  /** When the first of it is due; null for nothing. */
  readonly due_at: number | null;
}

export const NOTHING: Addition = { deliveries: [], cells: [], due_at: null };

/**
 * The routes of an alert's first deliveries, as far as they are configured and real. Asked for an
 * alert that is not muted.
 */
export function knownRoutes(known: StoredAlert, { configuration }: StageContext): KnownRoute[] {
  const waiting = new Set(
    known.deliveries
      .filter(({ hold, state }) => hold !== null && state === "pending")
      .map(({ destination }) => destination),
  );
  // One that was muted may have been told of later; that is the one that counts.
  const told = new Map(
    known.deliveries
      .filter(({ kind, destination }) => kind === "alert" && !waiting.has(destination))
      .filter((delivery) => !wasMuted(delivery) && !isHeldBack(delivery) && !isShadow(delivery))
      .map((delivery) => [delivery.destination, delivery]),
  );
  const open = [...told.values()];
  return [...new Set(open.map(({ route }) => route))].flatMap((name) => {
    const route = configuration.route(name);
    if (!route || route.shadow) return [];
    return [{ route, known, firsts: open.filter((first) => first.route === name) }];
  });
}

/** The next delivery of a known alert at the destination of its first, held until a timer comes. */
export function laterDelivery(
  { route, known }: KnownRoute,
  { destination }: KnownDelivery,
  rest: Pick<PlannedDelivery, "kind" | "thread"> & { readonly hold: string },
): PlannedDelivery {
  const reason: DeliveryReason = "repeat_wait";
  return {
    destination,
    route: route.name,
    sequence: nextSequence(known.deliveries, destination),
    state: "pending",
    reason,
    cause: null,
    ...rest,
  };
}

/**
 * Whether a delivery was not sent because its alert was muted, and no silence's end will tell of it.
 * When such an alert goes on unmuted, it is told of for the first time.
 */
export function wasMuted({ state, reason, hold }: KnownDelivery): boolean {
  return (
    state === "suppressed" && hold === null && (reason === "silence" || reason === "inhibited")
  );
}

/** Whether a silence holds it back, and tells of it when it ends. */
export function isHeldBack({ state, hold }: KnownDelivery): boolean {
  return state === "suppressed" && hold !== null;
}

/** Whether it only shows what a route would do. */
export function isShadow({ reason }: KnownDelivery): boolean {
  return reason === "shadow_route";
}

/** The number that the next delivery of an alert to a destination has. */
export function nextSequence(known: readonly KnownDelivery[], destination: string): number {
  const sequences = known
    .filter((delivery) => delivery.destination === destination)
    .map(({ sequence }) => sequence);
  return Math.max(-1, ...sequences) + 1;
}
