/**
 * A repeat or change of an alert changes the message that told of it. Of a message one update waits
 * at most: it shows all that happened until it is sent.
 */
import type { Position } from "../entry.ts";
import type { Changes, StageContext } from "../flow.ts";
import { NO_CHANGES, type Timer } from "../flow.ts";
import type { CompiledRoute } from "../policies.ts";
import {
  holdOf,
  type Cell,
  type CellName,
  type CellWrite,
  type DueCell,
  type KnownDelivery,
  type StateReads,
} from "../state.ts";
import { needsOfFlush } from "./flush-needs.ts";
import { putOut } from "./holds.ts";
import { messageThread } from "./message-thread.ts";
import { laterDelivery, NOTHING, type Addition, type KnownRoute } from "./repeats.ts";
import { updateCell } from "./sent.ts";
import { sift } from "./sift.ts";

/** Least time between changes of a message that is not a group's, in milliseconds. */
export const UPDATE_INTERVAL = 30_000;

/** What `planUpdates` looks at. */
export function needsOfUpdates(repeated: KnownRoute): StateReads {
  const told = repeated.firsts.filter(hasMessage);
  return {
    alerts: told.map((first) => carrierOf(first, repeated)),
    cells: told.map((first) => messageCell(first, repeated)),
  };
}

/** Updates of the messages of one route that tell of an alert. */
export function planUpdates(repeated: KnownRoute, context: StageContext): Addition {
  const timers = repeated.firsts
    .filter(hasMessage)
    .filter((first) => !isWaiting(messageCell(first, repeated), context))
    .map((first) => ({ first, cell: dueUpdate(first, repeated, context) }));
  if (timers.length === 0) return NOTHING;
  return {
    deliveries: timers.map(({ first, cell }) => {
      const thread = threadOf(first, repeated, context);
      return laterDelivery(repeated, first, { kind: "update", thread, hold: holdOf(cell) });
    }),
    cells: timers.map(({ cell }) => ({ cell })),
    due_at: Math.min(...timers.map(({ cell }) => cell.due_at)),
  };
}

/** A message that is under way or arrived. */
function hasMessage({ state }: KnownDelivery): boolean {
  return state === "pending" || state === "delivered" || state === "folded";
}

function carrierOf({ carrier }: KnownDelivery, { known }: KnownRoute): Position {
  return carrier ?? known.position;
}

function messageCell(first: KnownDelivery, repeated: KnownRoute): CellName<"update"> {
  return updateCell(repeated.route, carrierOf(first, repeated), first.destination);
}

function isWaiting({ stage, key }: CellName<"update">, { state }: StageContext): boolean {
  const cell = state.cell(stage, key);
  return cell !== undefined && cell.due_at !== null;
}

function dueUpdate(
  first: KnownDelivery,
  repeated: KnownRoute,
  { state, now }: StageContext,
): Cell<"update"> & { readonly due_at: number } {
  const name = messageCell(first, repeated);
  const received_at = Date.parse(repeated.known.alert.received_at);
  const last = state.cell("update", name.key)?.value.sent_at ?? received_at;
  // The clock may have been set back since.
  const sent_at = Math.min(last, now);
  const due_at = Math.max(now, sent_at + updateInterval(repeated.route));
  const alert = carrierOf(first, repeated);
  return { ...name, value: { sent_at }, alert, due_at, at: now };
}

function updateInterval({ group_by, group_interval }: CompiledRoute): number {
  return group_by === null ? UPDATE_INTERVAL : group_interval;
}

/** That of the message, so that it stays behind it. */
function threadOf(
  first: KnownDelivery,
  repeated: KnownRoute,
  { state, configuration }: StageContext,
): string | null {
  const { alert } = state.alert(carrierOf(first, repeated)) ?? repeated.known;
  return messageThread(alert, repeated.route, configuration.threadFields(first.destination));
}

export const updateTimer: Timer = { stage: "update", needs: needsOfFlush, fire: fireUpdate };

function fireUpdate(due: DueCell, context: StageContext): Changes {
  const { now, state } = context;
  const { kept, moves, cells } = sift(state.held(holdOf(due)), context);
  const value = { sent_at: now };
  const { key, alert } = due;
  const sent: CellWrite = { cell: { stage: "update", key, value, alert, due_at: null, at: now } };
  const sends = kept.map(({ delivery: { id } }) => {
    return { id, to: "send", reason: "update_of_message", cause: null } as const;
  });
  return {
    ...NO_CHANGES,
    cells: [kept.length > 0 ? sent : putOut(due), ...cells],
    moves: [...moves, ...sends],
  };
}
