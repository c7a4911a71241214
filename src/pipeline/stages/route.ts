/**
 * Which destinations is the alert for? Routes are tried in order; the first that matches takes the
 * alert, and those behind it are tried too when it says `continue`. A `default` route takes what
 * none took. What no route takes is `unrouted`: recorded and counted, never lost.
 *
 * A destination that has a delivery of the alert already (it repeats, or its subject changes) gets
 * none again; one that the change makes the alert match for the first time does, and so does one that
 * was not told because the alert was muted: it goes on, and nobody knows. What only a shadow route has
 * recorded keeps no real one back. Outside its hours a route may lead elsewhere.
 */
import type { Alert } from "../../alert/schema.ts";
import { isAlive, traced, type Flow, type Stage, type StageContext } from "../flow.ts";
import type { PlannedDelivery } from "../outcome.ts";
import { messageThread } from "../pace/message-thread.ts";
import { isHeldBack, isShadow, nextSequence, wasMuted } from "../pace/repeats.ts";
import { silenceCell } from "../pace/suppress.ts";
import type { CompiledRoute } from "../policies.ts";
import { alertRecord } from "../record.ts";
import type { KnownDelivery } from "../state.ts";

/** Kind of the source that Tocsin's own alerts have. */
export const OPERATOR_KIND = "tocsin";

export const routeStage: Stage = {
  name: "route",
  needs({ outcome }) {
    return outcome && "of" in outcome ? { alerts: [outcome.of] } : {};
  },
  run(flow, context) {
    if (!isAlive(flow)) return flow;
    const taken = takenRoutes(flow, flow.alert, context);
    const known = knownDeliveries(flow, context);
    const reached = reachedBy(known, flow);
    const recorded = destinationsOfKnown(known);
    const deliveries = planDeliveries(taken, flow.alert, { known, reached, recorded }, context);
    return conclude(flow, taken, deliveries, known.length > 0);
  },
};

function takenRoutes(
  flow: Flow,
  alert: Alert,
  { configuration, now }: StageContext,
): CompiledRoute[] {
  const { routes, fallback, operators } = configuration;
  if (alert.source.kind === OPERATOR_KIND && operators) return [operators];
  const matching = routes.matching(alertRecord(alert, flow.document ?? {}), now);
  const last = matching.findIndex((route) => !route.continue);
  const taken = last === -1 ? matching : matching.slice(0, last + 1);
  return taken.length > 0 || !fallback ? taken : [fallback];
}

function knownDeliveries({ outcome }: Flow, { state }: StageContext): readonly KnownDelivery[] {
  const known = outcome && "of" in outcome ? state.alert(outcome.of) : undefined;
  return known?.deliveries ?? [];
}

/** The destinations that know of the alert, or will without anything more. */
function reachedBy(known: readonly KnownDelivery[], { mute }: Flow): ReadonlySet<string> {
  // While it stays muted and nobody would be told later, one record of that is enough.
  const isForGood = mute !== null && silenceCell(mute) === null;
  return destinationsOfKnown(
    known.filter((delivery) => {
      if (isShadow(delivery)) return false;
      if (isHeldBack(delivery)) return mute !== null;
      return isForGood || !wasMuted(delivery);
    }),
  );
}

function destinationsOfKnown(known: readonly KnownDelivery[]): ReadonlySet<string> {
  return new Set(known.map(({ destination }) => destination));
}

interface Before {
  readonly known: readonly KnownDelivery[];
  /** Destinations that get nothing more for now. */
  readonly reached: ReadonlySet<string>;
  /** Destinations with any delivery of it: shadow routes add nothing there. */
  readonly recorded: ReadonlySet<string>;
}

/** One delivery per destination: a real route wins over a shadow one, the first over later ones. */
function planDeliveries(
  taken: readonly CompiledRoute[],
  alert: Alert,
  { known, reached, recorded }: Before,
  context: StageContext,
): PlannedDelivery[] {
  const planned = new Map<string, PlannedDelivery>();
  for (const route of taken) {
    for (const destination of destinationsOf(route, alert, context.now)) {
      const before = planned.get(destination);
      const done = route.shadow ? recorded : reached;
      if (done.has(destination) || before?.state === "pending") continue;
      if (before && route.shadow) continue;
      const sequence = nextSequence(known, destination);
      planned.set(destination, { ...planDelivery(destination, route, alert, context), sequence });
    }
  }
  return [...planned.values()];
}

/** What Tocsin itself raises knows no hours. */
function destinationsOf(
  { to, hours }: CompiledRoute,
  alert: Alert,
  now: number,
): readonly string[] {
  if (!hours || hours.outside === "hold" || alert.source.kind === OPERATOR_KIND) return to;
  return hours.calendar.isOpen(now) ? to : hours.outside;
}

function planDelivery(
  destination: string,
  route: CompiledRoute,
  alert: Alert,
  { configuration }: StageContext,
): Omit<PlannedDelivery, "sequence"> {
  return {
    destination,
    route: route.name,
    kind: "alert",
    thread: messageThread(alert, route, configuration.threadFields(destination)),
    state: route.shadow ? "suppressed" : "pending",
    reason: route.shadow ? "shadow_route" : "first_notification",
    hold: null,
    cause: null,
  };
}

function conclude(
  flow: Flow,
  taken: readonly CompiledRoute[],
  deliveries: readonly PlannedDelivery[],
  wasRouted: boolean,
): Flow {
  // A change that no route takes any more does not undo where its alert went before.
  const routing = taken.length > 0 || wasRouted ? "routed" : "unrouted";
  const reason = taken.length === 0 ? "no_route_matched" : "route_matched";
  return traced({ ...flow, routing, deliveries }, "route", routing, reason, {
    routes: taken.map(({ name, match }) => ({ name, match })),
    deliveries: deliveries.map(({ destination, state, thread }) => ({
      destination,
      state,
      thread,
    })),
  });
}
