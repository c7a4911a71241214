/** The timers of silences: the end of a window that held something back, and its announcement. */
import type { CellWrite } from "../pipeline/state.ts";
import { compileSilence } from "./compile.ts";
import { endsAt, type Silence } from "./silence.ts";

/**
 * What a silence's timers are after it was made or changed at `now`. An end that would have been
 * announced before is not announced any more.
 */
export function timersOf(silence: Silence, now: number): CellWrite[] {
  // A new one held nothing back yet; the timer of its window is set when it does.
  const isNew = silence.version === 1;
  return isNew ? [reminder(silence, now)] : [reminder(silence, now), windowEnd(silence, now)];
}

function reminder(silence: Silence, now: number): CellWrite {
  const name = { stage: "silence_reminder", key: silence.id } as const;
  const { remind, ended_at } = silence;
  const due = endsAt(silence) - (remind ?? 0);
  if (remind === null || ended_at !== null || !Number.isFinite(due) || due <= now) {
    return { remove: name };
  }
  return { cell: { ...name, value: {}, alert: null, due_at: due, at: now } };
}

/** What was held back is looked at when the window ends as it is now; at once when it has ended. */
function windowEnd(silence: Silence, now: number): CellWrite {
  const until = compileSilence(silence).windowAt(now)?.until ?? now;
  const due_at = Number.isFinite(until) ? until : null;
  return { cell: { stage: "silence", key: silence.id, value: {}, alert: null, due_at, at: now } };
}
