/**
 * So many messages a route may send in a time: a token bucket for each value. What is over the limit
 * waits, with all that follows it, and goes as one digest.
 */
import type { StageContext } from "../flow.ts";
import type { CompiledRoute, Limit } from "../policies.ts";
import { cellKey, holdOf, type Cell, type CellName } from "../state.ts";
import { joinedKey } from "../values.ts";
import { OUT, type Told, type Way } from "./holds.ts";

/** What adding fractions may be off by. */
const ROUNDING = 1e-6;

/** The bucket that an alert's messages take from; alerts without values have one of their own. */
export function limitCell(route: CompiledRoute, told: Told): CellName<"limit"> {
  const values = joinedKey(told.record, route.limit?.by ?? []) ?? "";
  return { stage: "limit", key: cellKey(route.name, values) };
}

/**
 * Takes a token for a message about these alerts, or makes it wait. The first alert's values count,
 * and one alert that is exempt lets the message out. Needs the first alert's `limitCell`.
 */
export function limitWay(
  route: CompiledRoute,
  alerts: readonly Told[],
  { state, now }: StageContext,
): Way {
  const { limit } = route;
  const [first] = alerts;
  if (!limit || !first || isExempt(limit, alerts, now)) return OUT;
  const name = limitCell(route, first);
  const known = state.cell("limit", name.key);
  const waitUntil = (due_at: number) =>
    ({ reason: "over_limit", hold: holdOf(name), due_at }) as const;
  if (known && known.due_at !== null) return { wait: waitUntil(known.due_at), cells: [] };
  const { tokens, at } = bucketAt(now, known, limit);
  const isOver = tokens < 1 - ROUNDING;
  const value = { tokens: isOver ? tokens : Math.max(0, tokens - 1), at };
  const due_at = isOver ? now + limit.per : null;
  const cell = { ...name, value, alert: first.position, due_at, at: now };
  return { wait: due_at === null ? null : waitUntil(due_at), cells: [{ cell }] };
}

function isExempt({ except }: Limit, alerts: readonly Told[], now: number): boolean {
  return except !== null && alerts.some(({ record }) => except.matches(record, now));
}

/**
 * A time before the last neither takes tokens away nor gives any twice. When it is before it by more
 * than `per`, the clock was set back since; how full the bucket is now, nobody knows.
 */
function bucketAt(
  now: number,
  cell: Cell<"limit"> | undefined,
  { max, per }: Limit,
): Cell<"limit">["value"] {
  if (!cell || cell.value.at > now + per) return { tokens: max, at: now };
  const { tokens, at } = cell.value;
  const elapsed = Math.max(0, now - at);
  return { tokens: Math.min(max, tokens + (elapsed * max) / per), at: Math.max(now, at) };
}
