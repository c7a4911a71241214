/** From what the index has and what was seen of it to what is to be read. Pure. */
import type { Cursor, Sequence } from "./cursor.ts";
import type { TrackCounts } from "./glance.ts";
import { countSeen, nothingSeen, seenBefore, type Seen } from "./histogram.ts";
import type { TrackWindow } from "./window.ts";

export interface TrackPlan {
  /** Where reading begins; null when there is nothing to read. It ends where the window does. */
  readonly since: number | null;
  /** What is known of the region before that. */
  readonly seen: Seen;
}

/**
 * The fresh region when the known one holds as many documents as were seen in it; otherwise, and when
 * that is not known, both: something came late or left, and which it was only reading tells.
 */
export function planTrack(
  { from, mark }: TrackWindow,
  { known, fresh }: TrackCounts,
  seen: Seen | null,
): TrackPlan {
  const whole = known === 0 ? nothingSeen(from, mark) : seen;
  if (!whole || countSeen(whole, from, mark) !== known)
    return { since: from, seen: nothingSeen(from, from) };
  if (fresh === 0) return { since: null, seen: whole };
  return { since: mark, seen: seenBefore(whole, mark) };
}

/** An index whose documents without a time are to be read. */
export interface SequencePlan {
  readonly index: string;
  /** What was read of it, and where reading goes on. */
  readonly from: Sequence;
  /** What the glance found. */
  readonly target: Sequence;
}

export const NO_SEQUENCE: Sequence = { count: 0, sum: 0, last: -1 };

/** Indices that changed. One that did anything but grow is read from its beginning. */
export function planSequences(
  read: Cursor["sequences"],
  found: ReadonlyMap<string, Sequence>,
): readonly SequencePlan[] {
  const plans: SequencePlan[] = [];
  for (const [index, target] of found) {
    const known = read[index] ?? NO_SEQUENCE;
    if (isSame(known, target)) continue;
    plans.push({ index, target, from: target.count > known.count ? known : NO_SEQUENCE });
  }
  return plans;
}

export function isSame(one: Sequence, other: Sequence): boolean {
  return one.count === other.count && one.sum === other.sum && one.last === other.last;
}

/** With one more number read. */
export function addNumber({ count, sum, last }: Sequence, number: number): Sequence {
  return { count: count + 1, sum: sum + number, last: Math.max(last, number) };
}
