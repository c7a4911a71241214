/** The timers by which deliveries that wait are sent on. */
import type { Changes, StageContext, Timer } from "../flow.ts";
import type { DeliveryReason } from "../outcome.ts";
import type { CellStage, CellWrite, DueCell } from "../state.ts";
import { needsOfFlush } from "./flush-needs.ts";
import { flush } from "./flush.ts";
import { putOut } from "./holds.ts";
import { updateTimer } from "./update.ts";

const groupTimer: Timer = { stage: "group", needs: needsOfFlush, fire: fireGroup };

/** A group of which nothing is left to tell did not speak. */
function fireGroup(due: DueCell, context: StageContext): Changes {
  const digest = { reason: "group_digest", cause: null } as const;
  const changes = flush(due, digest, putOut(due), context);
  if (changes.moves.every(({ to }) => to === "suppress")) return changes;
  const { key, alert } = due;
  const value = { flushed_at: context.now };
  const spoke = { stage: "group", key, value, alert, due_at: null, at: context.now } as const;
  return { ...changes, cells: [...changes.cells, { cell: spoke }] };
}

const silenceTimer: Timer = {
  stage: "silence",
  needs: needsOfFlush,
  fire: (due, context) =>
    flush(due, { reason: "silence_digest", cause: due.key }, removed(due), context),
};

function flushTimer(
  stage: CellStage,
  reason: DeliveryReason,
  settle: (due: DueCell) => CellWrite,
): Timer {
  const digest = { reason, cause: null };
  return {
    stage,
    needs: needsOfFlush,
    fire: (due, context) => flush(due, digest, settle(due), context),
  };
}

function removed({ stage, key }: DueCell): CellWrite {
  return { remove: { stage, key } };
}

export const paceTimers: readonly Timer[] = [
  groupTimer,
  silenceTimer,
  updateTimer,
  flushTimer("remind", "reminder_digest", putOut),
  flushTimer("limit", "limit_digest", putOut),
  flushTimer("hours", "hours_digest", removed),
];
