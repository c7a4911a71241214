/** What destinations hear of an alert that they know already, when it repeats or changes. */
import { changed, traced, type Flow, type StageContext } from "../flow.ts";
import type { StateReads, StoredAlert } from "../state.ts";
import { joinReads, type Told } from "./holds.ts";
import { planReminders } from "./remind.ts";
import { knownRoutes, NOTHING, type Addition, type KnownRoute } from "./repeats.ts";
import { remindCells } from "./sent.ts";
import { tellOfStatus } from "./status.ts";
import { needsOfUpdates, planUpdates } from "./update.ts";

/** What `planLater` looks at. */
export function needsOfLater(flow: Flow, told: Told, context: StageContext): StateReads {
  const { outcome } = flow;
  if (!outcome || !("of" in outcome)) return {};
  const known = context.state.alert(outcome.of);
  const routes = known && !flow.mute ? knownRoutes(known, context) : [];
  return joinReads([{ alerts: [outcome.of] }, ...routes.map((route) => needsOf(route, told))]);
}

function needsOf(known: KnownRoute, told: Told): StateReads {
  const { repeats } = known.route;
  if (repeats === "update") return needsOfUpdates(known);
  return repeats === "remind" ? { cells: remindCells(known.route, told) } : {};
}

/** Adds reminders and updates, as each route wants it, and the news of its status. While the alert is muted, nobody hears more. */
export function planLater(flow: Flow, told: Told, context: StageContext): Flow {
  const known = knownAlert(flow, context);
  if (!known || flow.mute) return flow;
  const routes = knownRoutes(known, context);
  const added = routes.reduce<Flow>((step, route) => {
    return add(step, route, additionOf(step, route, told, context));
  }, flow);
  return tellOfStatus(added, known, told.alert, routes, context);
}

function knownAlert({ outcome }: Flow, { state }: StageContext): StoredAlert | undefined {
  return outcome && "of" in outcome ? state.alert(outcome.of) : undefined;
}

/** Only what happens again is worth a reminder; a message is kept up to date with every change. */
function additionOf(
  { outcome }: Flow,
  known: KnownRoute,
  told: Told,
  context: StageContext,
): Addition {
  const { repeats } = known.route;
  if (repeats === "update") return planUpdates(known, context);
  if (repeats === "remind" && outcome?.kind === "repeat") {
    return planReminders(known, told, context);
  }
  return NOTHING;
}

function add(flow: Flow, { route }: KnownRoute, { deliveries, cells, due_at }: Addition): Flow {
  const [first] = deliveries;
  if (!first || due_at === null) return flow;
  const added = { ...flow, deliveries: [...flow.deliveries, ...deliveries] };
  return traced(changed(added, { cells }), "pace", "held", first.reason, {
    route: route.name,
    kind: first.kind,
    destinations: deliveries.map(({ destination }) => destination),
    due_at: new Date(due_at).toISOString(),
  });
}
