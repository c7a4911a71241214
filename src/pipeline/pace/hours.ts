/** Outside its hours a route waits until its calendar opens. */
import type { StageContext } from "../flow.ts";
import type { CompiledRoute } from "../policies.ts";
import { holdOf, type CellName } from "../state.ts";
import type { Way } from "./holds.ts";

/** The cell by which a route waits for its opening. */
export function hoursCell({ name }: CompiledRoute): CellName<"hours"> {
  return { stage: "hours", key: name };
}

/** Into the hold of the route's hours; null when it need not wait. Needs the route's `hoursCell`. */
export function hoursWay(route: CompiledRoute, { state, now }: StageContext): Way | null {
  const due_at = nextOpening(route, now);
  if (due_at === null) return null;
  const name = hoursCell(route);
  const wait = { reason: "outside_hours", hold: holdOf(name), due_at } as const;
  const known = state.cell("hours", name.key);
  if (known?.due_at === due_at) return { wait, cells: [] };
  return { wait, cells: [{ cell: { ...name, value: {}, alert: null, due_at, at: now } }] };
}

/** Null when it is open or need not wait; a calendar that never opens holds nothing. */
function nextOpening({ hours }: CompiledRoute, now: number): number | null {
  if (!hours || hours.outside !== "hold" || hours.calendar.isOpen(now)) return null;
  return hours.calendar.nextOpening(now);
}
