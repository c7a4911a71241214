/** A repeat of an alert that nobody has taken up yet is told of again after `repeat_every`. */
import type { StageContext } from "../flow.ts";
import { holdOf, type Cell } from "../state.ts";
import { threadKey } from "../thread.ts";
import type { Told } from "./holds.ts";
import { laterDelivery, NOTHING, type Addition, type KnownRoute } from "./repeats.ts";
import { remindCell, remindCells } from "./sent.ts";

/**
 * Reminders of an alert by one route; none when it was acknowledged or closed. Needs the
 * `remindCells`.
 */
export function planReminders(
  repeated: KnownRoute,
  told: Told,
  { state, configuration, now }: StageContext,
): Addition {
  const { route, known, firsts } = repeated;
  if (told.alert.status !== "new") return NOTHING;
  const name = remindCell(route, told);
  const cell = state.cell("remind", name.key);
  const cells = remindCells(route, told).flatMap(({ key }) => state.cell("remind", key) ?? []);
  const sent_at = lastSent(cells, repeated, now);
  const due_at = cell?.due_at ?? Math.max(now, sent_at + route.repeat_every);
  const deliveries = firsts.map((first) => {
    const thread = threadKey(told.alert, configuration.threadFields(first.destination));
    return laterDelivery(repeated, first, { kind: "reminder", thread, hold: holdOf(name) });
  });
  const value = { sent_at };
  const isSet = cell !== undefined && cell.due_at !== null;
  const set = { cell: { ...name, value, alert: known.position, due_at, at: now } };
  return { deliveries, cells: isSet ? [] : [set], due_at };
}

/**
 * By the cells; without any, of what was told before reminders were asked for, when the alert came.
 * Never later than now: the clock may have been set back since.
 */
function lastSent(
  cells: readonly Cell<"remind">[],
  { route, known, firsts }: KnownRoute,
  now: number,
): number {
  if (cells.length > 0) return Math.min(now, Math.max(...cells.map(({ value }) => value.sent_at)));
  const wasTold = firsts.some(({ state }) => state !== "suppressed");
  return wasTold ? Math.min(Date.parse(known.alert.received_at), now) : now - route.repeat_every;
}
