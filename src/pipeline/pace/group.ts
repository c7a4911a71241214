/** Alerts of a route with equal values are told of together. */
import type { StageContext } from "../flow.ts";
import type { CompiledRoute } from "../policies.ts";
import { cellKey, holdOf } from "../state.ts";
import { joinedKey } from "../values.ts";
import type { Told, Way } from "./holds.ts";

/**
 * The key of an alert's group at a route; null when the route does not group, and for an alert with
 * none of the values: it has nothing in common with another such alert and is told of by itself.
 */
export function groupKey(route: CompiledRoute, { record }: Told): string | null {
  if (route.group_by === null) return null;
  const values = joinedKey(record, route.group_by);
  return values === null ? null : cellKey(route.name, values);
}

/** Into the group's hold; null when the alert is in no group. Needs the cell `group`/`groupKey`. */
export function groupWay(route: CompiledRoute, told: Told, context: StageContext): Way | null {
  const key = groupKey(route, told);
  if (key === null) return null;
  const { now } = context;
  const known = context.state.cell("group", key);
  const flushed_at = known?.value.flushed_at ?? null;
  const due_at = known?.due_at ?? nextFlush(flushed_at, route, now);
  const name = { stage: "group", key } as const;
  const wait = { reason: "group_wait", hold: holdOf(name), due_at } as const;
  if (known && known.due_at !== null) return { wait, cells: [] };
  const cell = { ...name, value: { flushed_at }, alert: told.position, due_at, at: now };
  return { wait, cells: [{ cell }] };
}

/**
 * The end of the interval since the group last spoke, edge included; later a new round begins. What
 * was said at a later time was said by a clock that was set back since.
 */
function nextFlush(flushed_at: number | null, route: CompiledRoute, now: number): number {
  if (flushed_at === null || now > flushed_at + route.group_interval) return now + route.group_wait;
  return Math.min(flushed_at, now) + route.group_interval;
}
