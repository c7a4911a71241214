/**
 * Which destinations is the alert for? Routes are tried in order; the first that matches takes the
 * alert, and those behind it are tried too when it says `continue`. A `default` route takes what
 * none took. What no route takes is `unrouted`: recorded and counted, never lost.
 *
 * A destination that has a delivery of the alert already (an update of a known subject) gets none
 * again; one that the update makes the alert match for the first time does.
 */
import { alertRecord } from "../record.ts";
import { traced, type CompiledRoute, type Flow, type Stage, type StageContext } from "../flow.ts";
import type { PlannedDelivery } from "../outcome.ts";
import { threadKey } from "../thread.ts";
import type { Alert } from "../../alert/schema.ts";

/** Kind of the source that Tocsin's own alerts have. */
export const OPERATOR_KIND = "tocsin";

export const routeStage: Stage = {
  name: "route",
  run(flow, context) {
    const { alert, outcome } = flow;
    if (!alert || !outcome) return flow;
    if (outcome.kind !== "alert" && outcome.kind !== "updated") return flow;
    const taken = takenRoutes(flow, alert, context);
    const reached = alreadyReached(flow, context);
    const deliveries = planDeliveries(taken, alert, reached, context);
    return conclude(flow, taken, deliveries, reached.size > 0);
  },
};

function takenRoutes(flow: Flow, alert: Alert, context: StageContext): CompiledRoute[] {
  const { routes, operators } = context.configuration;
  if (alert.source.kind === OPERATOR_KIND && operators) return [operators];
  const record = alertRecord(alert, flow.document ?? {});
  const taken: CompiledRoute[] = [];
  for (const route of routes) {
    if (route.default || !route.matches(record, context.now)) continue;
    taken.push(route);
    if (!route.continue) return taken;
  }
  if (taken.length > 0) return taken;
  return routes.filter((route) => route.default).slice(0, 1);
}

function alreadyReached(flow: Flow, { state }: StageContext): ReadonlySet<string> {
  if (flow.outcome?.kind !== "updated" || flow.subject === null) return new Set();
  return new Set(state.alertOfSubject(flow.subject)?.destinations);
}

/** One delivery per destination: a real route wins over a shadow one, the first over later ones. */
function planDeliveries(
  taken: readonly CompiledRoute[],
  alert: Alert,
  reached: ReadonlySet<string>,
  context: StageContext,
): PlannedDelivery[] {
  const planned = new Map<string, PlannedDelivery>();
  for (const route of taken) {
    for (const destination of route.to) {
      const before = planned.get(destination);
      if (reached.has(destination) || before?.state === "pending") continue;
      if (before && route.shadow) continue;
      planned.set(destination, {
        destination,
        route: route.name,
        thread: threadKey(alert, context.configuration.threadFields(destination)),
        state: route.shadow ? "suppressed" : "pending",
        reason: route.shadow ? "shadow_route" : "first_notification",
      });
    }
  }
  return [...planned.values()];
}

function conclude(
  flow: Flow,
  taken: readonly CompiledRoute[],
  deliveries: readonly PlannedDelivery[],
  wasRouted: boolean,
): Flow {
  // An update that no route takes any more does not undo where its alert went before.
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
