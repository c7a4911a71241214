/** Opening hours as people write them: `mon-fri 08:00-18:00`. */

/** Hours on some days of the week. */
export interface Opening {
  /** 0 for Sunday … 6 for Saturday: the days on which it opens. */
  readonly days: readonly number[];
  /** Minutes of the wall clock since midnight; 0 … 1439. */
  readonly from: number;
  /** 1 … 1440, or less than or equal to `from` when it ends on the next day. */
  readonly until: number;
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY = 24 * 60;
const HINT = "write it like mon-fri 08:00-18:00, sat,sun 10:00-12:00 or fri 22:00-06:00";

/**
 * Reads opening hours: days (`mon`, `mon-fri`, `sat,sun`; `fri-mon` goes over the week's end), then
 * one span of 24-hour clock times (`24:00` ends a day; `22:00-06:00` ends on the next). The problem
 * is written as `what is wrong — what to do`.
 */
export function readOpening(
  text: string,
): { readonly opening: Opening } | { readonly problem: string } {
  const match = /^(\S+)\s+(\S+)$/.exec(text.trim().toLowerCase());
  if (!match) return refuse(text, "is not days and a span of hours");
  const [, daysText = "", spanText = ""] = match;
  const days = readDays(daysText);
  if (!days) return refuse(text, `names days that do not exist: ${daysText}`);
  const span = readSpan(spanText);
  if (!span) return refuse(text, `has no span of hours: ${spanText}`);
  if (span.from === span.until) {
    return { problem: `"${text}" is empty — write 00:00-24:00 for the whole day` };
  }
  return { opening: { days, ...span } };
}

/** Whether a text is a day of the calendar, as `2026-12-25`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function refuse(text: string, why: string): { readonly problem: string } {
  return { problem: `"${text}" ${why} — ${HINT}` };
}

/** Null when one of the names is unknown. */
function readDays(text: string): number[] | null {
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [first = "", last = first, ...more] = part.split("-");
    const [from, until] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    if (from === -1 || until === -1 || more.length > 0) return null;
    for (let day = from; day !== until; day = (day + 1) % 7) days.add(day);
    days.add(until);
  }
  return [...days].toSorted((one, other) => one - other);
}

function readSpan(text: string): { from: number; until: number } | null {
  const match = /^(\d\d?):(\d\d)-(\d\d?):(\d\d)$/.exec(text);
  if (!match) return null;
  const [fromHour, fromMinute, untilHour, untilMinute] = match.slice(1).map(Number);
  const from = minuteOf(fromHour, fromMinute);
  const until = minuteOf(untilHour, untilMinute);
  if (from === null || until === null || from === DAY) return null;
  return { from, until };
}

/** Null when no clock shows it; 24:00 is the end of the day. */
function minuteOf(hour = Number.NaN, minute = Number.NaN): number | null {
  const minutes = hour * 60 + minute;
  return minute < 60 && minutes <= DAY ? minutes : null;
}
