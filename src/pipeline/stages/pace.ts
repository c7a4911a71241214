/**
 * When do destinations hear of it? What the routes planned is suppressed while the alert is muted,
 * waits for its group, for office hours or because of a limit, or is due at once; `../pace/holds.ts`
 * tells the whole story. Of a repeat, what was told before decides who hears more: a reminder, or an
 * update of the message.
 */
import type { Alert } from "../../alert/schema.ts";
import {
  changed,
  isAlive,
  placeOf,
  traced,
  type Flow,
  type Mute,
  type Stage,
  type StageContext,
} from "../flow.ts";
import type { PlannedDelivery } from "../outcome.ts";
import { needsOfWayOut, wayOut } from "../pace/dispatch.ts";
import { groupKey, groupWay } from "../pace/group.ts";
import { joinReads, type Told } from "../pace/holds.ts";
import { needsOfLater, planLater } from "../pace/later.ts";
import { needsOfSent, noteSent } from "../pace/sent.ts";
import { silenceCell, silenceTimerSet, suppression } from "../pace/suppress.ts";
import type { CompiledRoute } from "../policies.ts";
import { alertRecord } from "../record.ts";
import type { CellWrite, StateReads } from "../state.ts";
import { OPERATOR_KIND } from "./route.ts";

type LiveFlow = Flow & { readonly alert: Alert };

export const paceStage: Stage = {
  name: "pace",
  needs(flow, context) {
    if (!isPaced(flow)) return {};
    const told = toldBy(flow);
    const routes = plannedRoutes(flow, context);
    const planned = flow.mute
      ? needsOfMuted(flow.mute)
      : joinReads(routes.map((route) => needsOfRoute(flow, route, told)));
    return joinReads([planned, needsOfLater(flow, told, context)]);
  },
  run(flow, context) {
    if (!isPaced(flow)) return flow;
    const told = toldBy(flow);
    const routes = plannedRoutes(flow, context);
    const paced =
      flow.mute && routes.length > 0
        ? suppressAll(flow, flow.mute, context)
        : routes.reduce<Flow>((step, route) => paceRoute(step, route, told, context), flow);
    return planLater(paced, told, context);
  },
};

/** What Tocsin itself raises is told of at once. */
function isPaced(flow: Flow): flow is LiveFlow {
  return isAlive(flow) && flow.alert.source.kind !== OPERATOR_KIND;
}

function toldBy(flow: LiveFlow): Told {
  const { alert, document } = flow;
  return { position: placeOf(flow), alert, record: alertRecord(alert, document ?? {}) };
}

/** The routes of what is planned, but for shadow routes. */
function plannedRoutes({ deliveries }: Flow, { configuration }: StageContext): CompiledRoute[] {
  const real = deliveries.filter(({ state }) => state === "pending");
  const routes = real.map(({ route }) => configuration.route(route));
  return [...new Set(routes)].filter((route) => route !== undefined);
}

function needsOfRoute(flow: Flow, route: CompiledRoute, told: Told): StateReads {
  const key = groupKey(route, told);
  if (key !== null) return { cells: [{ stage: "group", key }] };
  const sent = flow.deliveries
    .filter((delivery) => isOf(delivery, route))
    .map(({ destination }) => needsOfSent(route, told, destination));
  return joinReads([needsOfWayOut(route, told), ...sent]);
}

/** One route's message about the alert: all its destinations go the same way. */
function paceRoute(flow: Flow, route: CompiledRoute, told: Told, context: StageContext): Flow {
  const { wait, cells } = groupWay(route, told, context) ?? wayOut(route, [told], context);
  if (!wait) return changed(flow, { cells: [...cells, ...sentNow(flow, route, told, context)] });
  const { hold, reason, due_at } = wait;
  const deliveries = flow.deliveries.map((delivery) =>
    isOf(delivery, route) ? { ...delivery, hold, reason } : delivery,
  );
  const values = { route: route.name, hold, due_at: new Date(due_at).toISOString() };
  return traced(changed({ ...flow, deliveries }, { cells }), "pace", "held", reason, values);
}

function isOf({ route, state }: PlannedDelivery, { name }: CompiledRoute): boolean {
  return route === name && state === "pending";
}

function sentNow(
  { deliveries }: Flow,
  route: CompiledRoute,
  told: Told,
  context: StageContext,
): CellWrite[] {
  const mine = deliveries.filter((delivery) => isOf(delivery, route));
  const messages = mine.map(({ destination }) => ({ destination, carrier: told, alerts: [told] }));
  return noteSent(route, messages, context);
}

function needsOfMuted(mute: Mute): StateReads {
  const cell = silenceCell(mute);
  return cell ? { cells: [cell] } : {};
}

function suppressAll(flow: Flow, mute: Mute, context: StageContext): Flow {
  const { reason, cause, hold, due_at } = suppression(mute, "alert");
  const deliveries = flow.deliveries.map((delivery) =>
    delivery.state === "pending"
      ? { ...delivery, state: "suppressed" as const, reason, cause, hold }
      : delivery,
  );
  const cells = silenceTimer(mute, context);
  const values = { cause, hold, due_at: due_at === null ? null : new Date(due_at).toISOString() };
  return traced(changed({ ...flow, deliveries }, { cells }), "pace", "suppressed", reason, values);
}

function silenceTimer(mute: Mute, context: StageContext): CellWrite[] {
  const write = silenceTimerSet(mute, context);
  if (!write) return [];
  const { stage, key, due_at } = write.cell;
  return context.state.cell(stage, key)?.due_at === due_at ? [] : [write];
}
