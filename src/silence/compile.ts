/** Silences as the stages want them: matcher compiled, windows at hand. */
import { fail } from "../errors.ts";
import { parseKql, type Query } from "../kql/index.ts";
import { readCron, type Runs } from "./cron.ts";
import { stretchAt, type Stretch } from "./recurrence.ts";
import { endsAt, type Silence, type Window } from "./silence.ts";

export interface CompiledSilence {
  readonly silence: Silence;
  readonly query: Query;
  /** The window that a time lies in; null outside of all. */
  windowAt(time: number): Window | null;
}

/**
 * Compiles a silence. Its texts were validated when it was made; throws KQL_INVALID or
 * REQUEST_INVALID otherwise.
 */
export function compileSilence(silence: Silence): CompiledSilence {
  const query = parseKql(silence.match);
  const whole = {
    from: silence.from === null ? -Infinity : Date.parse(silence.from),
    until: endsAt(silence),
  };
  const isWithin = (time: number) => time >= whole.from && time < whole.until;
  if (silence.cron === null) {
    return { silence, query, windowAt: (time) => (isWithin(time) ? whole : null) };
  }
  const windowAt = windowsWithin(whole, runsOf(silence), silence.for ?? 0);
  return { silence, query, windowAt: (time) => (isWithin(time) ? windowAt(time) : null) };
}

function runsOf(silence: Silence): Runs {
  const read = readCron(silence.cron ?? "", silence.time_zone);
  if ("runs" in read) return read.runs;
  throw fail("REQUEST_INVALID", { component: `silence ${silence.id}`, message: read.problem });
}

/** Remembers where it looked last: for every alert the answer is nearly always the same. */
function windowsWithin(whole: Window, runs: Runs, length: number): (time: number) => Window | null {
  let last: Stretch | null = null;
  return (time) => {
    if (!last || time < last.from || time >= last.until) {
      const { window, ...stretch } = stretchAt(runs, length, time);
      last = { ...stretch, window: window && cut(window, whole) };
    }
    return last.window;
  };
}

function cut(window: Window, whole: Window): Window {
  return {
    from: Math.max(window.from, whole.from),
    until: Math.min(window.until, whole.until),
  };
}
