/**
 * When a recurring silence begins: cron patterns of five fields (minute hour day month weekday) on
 * the wall clock of a time zone. Days and weekdays that are both given are either-or, as in Vixie
 * cron; `0 22 1 * +mon` wants both.
 *
 * When the clock is changed, as croner's manual has it: a single time of day that the clock skips
 * comes when it has jumped, and one that it shows twice comes once, the first time. Times that recur
 * within a day are left out when skipped, and come twice when shown twice.
 */
import { Cron } from "croner";
import { isTimeZone } from "../calendar/zone.ts";
import { messageOf } from "../errors.ts";

/** Moments at which something begins again and again; epoch milliseconds. */
export interface Runs {
  /** The newest at or before a time; null before the first. */
  lastAt(time: number): number | null;
  /** The first after a time; null after the last. */
  nextAfter(time: number): number | null;
}

/** From here a pattern is tried: what does not come within croner's reach of it never comes. */
const TRIED_FROM = new Date("2024-01-01T00:00:00Z");
const HINT = "write minute hour day month weekday, like 0 22 * * tue";

/**
 * Reads a cron pattern; a zone of null is UTC. The problem, for people, is written as
 * `what is wrong — what to do`.
 */
export function readCron(
  text: string,
  zone: string | null,
): { readonly runs: Runs } | { readonly problem: string } {
  const pattern = text.trim();
  // Beyond patterns croner reads nicknames and dates.
  if (pattern.split(/\s+/).length !== 5) return refuse(text, "does not have five fields");
  if (zone !== null && !isTimeZone(zone)) {
    return { problem: `"${zone}" is not a time zone — write it like Europe/Berlin or UTC` };
  }
  try {
    const cron = new Cron(pattern, { mode: "5-part", timezone: zone ?? "UTC", paused: true });
    if (!cron.nextRun(TRIED_FROM)) return refuse(text, "names a day that never comes");
    return { runs: runsOf(cron) };
  } catch (error) {
    return refuse(text, `cannot be read: ${messageOf(error).replace(/^CronPattern: /, "")}`);
  }
}

function refuse(text: string, why: string): { readonly problem: string } {
  return { problem: `cron "${text}" ${why} — ${HINT}` };
}

function runsOf(cron: Cron): Runs {
  return {
    // Croner answers with what is strictly before.
    lastAt: (time) => cron.previousRuns(1, new Date(time + 1))[0]?.getTime() ?? null,
    nextAfter: (time) => cron.nextRun(new Date(time))?.getTime() ?? null,
  };
}
