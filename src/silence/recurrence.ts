/**
 * Windows of a recurring silence. One begins at each run and lasts a number of elapsed milliseconds,
 * whatever the clock on the wall does meanwhile; windows that overlap or touch are one.
 */
import { readCron, type Runs } from "./cron.ts";
import type { Window } from "./silence.ts";

/** A span of time in all of which the same window holds, or none. */
export interface Stretch extends Window {
  readonly window: Window | null;
}

/** Joining is followed over at most so many windows either way; what is further is not told of. */
const MOST_JOINED = 500;

/** The stretch that a time lies in; `length` is that of a single window in milliseconds. */
export function stretchAt(runs: Runs, length: number, time: number): Stretch {
  const last = runs.lastAt(time);
  if (last !== null && time < last + length) {
    const window = { from: firstJoined(runs, length, last), until: endJoined(runs, length, last) };
    return { ...window, window };
  }
  return {
    from: last === null ? -Infinity : last + length,
    until: runs.nextAfter(time) ?? Infinity,
    window: null,
  };
}

/**
 * What is wrong with a cron pattern and the length of its windows, as `what is wrong — what to do`;
 * null when nothing is. Windows that are joined without end are refused: the pattern would only
 * hide that.
 */
export function findRecurrenceProblem(
  cron: string,
  zone: string | null,
  length: number,
): string | null {
  const read = readCron(cron, zone);
  if ("problem" in read) return read.problem;
  const first = read.runs.nextAfter(0) ?? 0;
  const end = endJoined(read.runs, length, first);
  if (endJoined(read.runs, length, end - length) === end) return null;
  return (
    `cron "${cron}" begins again and again before its window ends — ` +
    "let it begin once, and `for` cover the whole time"
  );
}

/** When the first window of those began that are joined to the one of a run. */
function firstJoined(runs: Runs, length: number, run: number): number {
  let first = run;
  for (let count = 0; count < MOST_JOINED; count += 1) {
    // The earliest run whose window reaches this one: all between them are joined too.
    const earlier = runs.nextAfter(first - length - 1) ?? first;
    if (earlier >= first) return first;
    first = earlier;
  }
  return first;
}

/** When the last window of those ends that are joined to the one of a run. */
function endJoined(runs: Runs, length: number, run: number): number {
  let last = run;
  for (let count = 0; count < MOST_JOINED; count += 1) {
    const later = runs.lastAt(last + length) ?? last;
    if (later <= last) return last + length;
    last = later;
  }
  return last + length;
}
