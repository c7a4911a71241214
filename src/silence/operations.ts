/**
 * What can be done with silences. All of it is pure: silences and times go in, silences and writes
 * come out. Times are epoch milliseconds.
 *
 * A silence is *over* once it ended early or its `until` came. What is over stays as it is; a new
 * one is made instead. One from the file is changed in the file only, and `syncSilences` follows it.
 */
import { splitHint } from "../config/problem.ts";
import { fail } from "../errors.ts";
import { findRecurrenceProblem } from "./recurrence.ts";
import { endsAt, type Silence } from "./silence.ts";
import type { SilenceChange, SilenceWish } from "./wish.ts";

/** Where a new silence comes from. */
export interface Making {
  readonly id: string;
  readonly author: string;
  readonly now: number;
  readonly origin: Silence["origin"];
}

/**
 * Makes the silence that somebody wishes for: without `from` it begins now, and one from the file
 * has always begun. Throws REQUEST_INVALID when its fields do not go together; the file's were
 * checked with the file.
 */
export function newSilence(wish: SilenceWish, making: Making): Silence {
  const silence = silenceFrom(wish, making);
  if (making.origin === "file") return silence;
  const isTwice = wish.cron === undefined && hasTwoEnds(wish);
  refuse(silence, isTwice ? TWO_ENDS : findProblem(silence, making.now));
  return silence;
}

/**
 * The silence with a change by `who`, as its next version. `for` counts from its beginning. Throws
 * CONFLICT when it cannot be changed any more or not here, REQUEST_INVALID when its fields would not
 * go together.
 */
export function editSilence(
  silence: Silence,
  change: SilenceChange,
  who: string,
  now: number,
): Silence {
  requireChangeable(silence, now);
  const edited = nextVersion({ ...withChange(silence, change), author: who }, now);
  refuse(edited, findChangeProblem(silence, change) ?? findProblem(edited, now));
  return edited;
}

/** The silence, ended now. Throws CONFLICT when it is over, or stands in the file. */
export function endSilence(silence: Silence, now: number): Silence {
  requireChangeable(silence, now);
  return endedAt(silence, now);
}

/** The silence, ended now, wherever it came from. */
export function endedAt(silence: Silence, now: number): Silence {
  return nextVersion({ ...silence, ended_at: toIso(now) }, now);
}

/** Whether it ended for good. */
export function isOver(silence: Silence, now: number): boolean {
  return endsAt(silence) <= now;
}

function silenceFrom(wish: SilenceWish, { id, author, now, origin }: Making): Silence {
  const recurs = wish.cron !== undefined;
  const from = wish.from ?? (recurs || origin === "file" ? null : toIso(now));
  const isLong = !recurs && wish.for !== undefined;
  return {
    id,
    version: 1,
    origin,
    match: wish.match,
    from,
    until: isLong ? later(from ?? toIso(now), wish.for) : (wish.until ?? null),
    cron: wish.cron ?? null,
    for: recurs ? (wish.for ?? null) : null,
    time_zone: wish.time_zone ?? null,
    comment: wish.comment,
    author,
    at_end: wish.at_end,
    remind: wish.remind ?? null,
    created_at: toIso(now),
    updated_at: toIso(now),
    ended_at: null,
  };
}

function withChange(silence: Silence, { for: length, ...change }: SilenceChange): Silence {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const changed: Silence = { ...silence, ...Object.fromEntries(given) };
  if (length === undefined) return changed;
  if (silence.cron !== null) return { ...changed, for: length };
  return { ...changed, until: later(silence.from ?? silence.created_at, length) };
}

function nextVersion(silence: Silence, now: number): Silence {
  return { ...silence, version: silence.version + 1, updated_at: toIso(now) };
}

function requireChangeable(silence: Silence, now: number): void {
  const component = `silence ${silence.id}`;
  if (silence.origin === "file") {
    const message = `${silence.id} stands in the configuration`;
    throw fail("CONFLICT", { component, message, hint: "Change it there." });
  }
  if (!isOver(silence, now)) return;
  const message = `${silence.id} ended at ${toIso(endsAt(silence))}`;
  throw fail("CONFLICT", { component, message, hint: "Make a new one." });
}

/** What is wrong with fields together, and what to do about it. */
type Problem = readonly [message: string, hint: string] | null;

const TWO_ENDS: Problem = ["`until` and `for` both say when it ends", "Give one of the two."];

function refuse({ id }: Silence, problem: Problem): void {
  if (!problem) return;
  const [message, hint] = problem;
  throw fail("REQUEST_INVALID", { component: `silence ${id}`, message, hint });
}

function hasTwoEnds(wish: Pick<SilenceWish, "for" | "until">): boolean {
  return wish.for !== undefined && typeof wish.until === "string";
}

function findChangeProblem(silence: Silence, change: SilenceChange): Problem {
  if (silence.cron !== null) return null;
  if (change.cron !== undefined) return ["it does not recur", "Make a new one that does."];
  return hasTwoEnds(change) ? TWO_ENDS : null;
}

function findProblem(silence: Silence, now: number): Problem {
  return findCronProblem(silence) ?? findEndProblem(silence, now) ?? findReminderProblem(silence);
}

function findCronProblem(silence: Silence): Problem {
  const { cron, time_zone } = silence;
  if (cron === null && time_zone === null) return null;
  if (cron === null) return ["`time_zone` is for silences that recur", "Leave it out."];
  if (silence.for === null) return ["`cron` says when it begins only", "Add `for`, like 4h."];
  const problem = findRecurrenceProblem(cron, time_zone, silence.for);
  if (problem === null) return null;
  const { message, hint = "" } = splitHint(problem);
  return [message, hint];
}

function findEndProblem({ from, until }: Silence, now: number): Problem {
  if (until === null) return null;
  if (Date.parse(until) <= now) return ["it would be over already", "Give a later `until`."];
  const isBackward = from !== null && until <= from;
  return isBackward ? ["it would end before it begins", "Give a later `until`."] : null;
}

function findReminderProblem({ from, until, remind }: Silence): Problem {
  if (remind === null) return null;
  if (until === null) return ["`remind` tells of an end, and there is none", "Give `until`."];
  if (from === null || Date.parse(until) - remind > Date.parse(from)) return null;
  return ["`remind` is as long as all of it, or longer", "Make it shorter."];
}

function later(from: string, length = 0): string {
  return toIso(Date.parse(from) + length);
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
