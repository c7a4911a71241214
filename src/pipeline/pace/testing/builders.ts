/** Routes, calendars and silences for tests of what waits. */
import type { Calendar } from "../../../calendar/calendar.ts";
import { kqlPredicate, parseKql } from "../../../kql/index.ts";
import type { CompiledSilence } from "../../../silence/compile.ts";
import type { Silence, Window } from "../../../silence/silence.ts";
import type { CompiledRoute, Limit } from "../../policies.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Friday, the 6th of March 2026, at noon, UTC. */
export const START = Date.UTC(2026, 2, 6, 12);

/** A route that asks for nothing but what is given. */
export function aRoute(name: string, changes: Partial<CompiledRoute> = {}): CompiledRoute {
  return {
    name,
    match: "*",
    to: ["slack"],
    continue: false,
    shadow: false,
    default: false,
    group_by: null,
    group_wait: 30 * SECOND,
    group_interval: 5 * MINUTE,
    repeats: "none",
    repeat_every: 4 * HOUR,
    limit: null,
    hours: null,
    ...changes,
  };
}

export function aLimit(max: number, changes: Partial<Limit> = {}): Limit {
  return { max, per: MINUTE, by: [], except: null, ...changes };
}

export function exempt(query: string): Limit["except"] {
  return { text: query, matches: kqlPredicate(query) };
}

/** Open from Monday to Friday, 08:00 to 18:00, UTC. */
export const OFFICE: Calendar = {
  name: "office",
  isOpen: (time) => isOffice(time),
  nextOpening(time) {
    const today = Math.floor(time / DAY) * DAY + 8 * HOUR;
    return (
      [0, 1, 2, 3, 4].map((day) => today + day * DAY).find((at) => at > time && isOffice(at)) ??
      null
    );
  },
};

function isOffice(time: number): boolean {
  const date = new Date(time);
  const isWeekday = date.getUTCDay() >= 1 && date.getUTCDay() <= 5;
  return isWeekday && date.getUTCHours() >= 8 && date.getUTCHours() < 18;
}

/** A silence with one window, in milliseconds from `START`. */
export function aSilence(
  id: string,
  { from, until }: Window,
  changes: Partial<Silence> = {},
): CompiledSilence {
  const time = new Date(START).toISOString();
  const silence: Silence = {
    id,
    version: 1,
    origin: "store",
    match: "*",
    from: new Date(START + from).toISOString(),
    until: Number.isFinite(until) ? new Date(START + until).toISOString() : null,
    cron: null,
    for: null,
    time_zone: null,
    comment: "",
    author: "ann",
    at_end: "digest",
    remind: null,
    created_at: time,
    updated_at: time,
    ended_at: null,
    ...changes,
  };
  const window = { from: START + from, until: START + until };
  const windowAt = (at: number) => (at >= window.from && at < window.until ? window : null);
  return { silence, query: parseKql(silence.match), windowAt };
}
