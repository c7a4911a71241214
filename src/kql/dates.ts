/**
 * Dates in queries and records, in UTC where no offset is written.
 *
 * A date is a span, as in Elasticsearch: `2026-03-04` is that whole day, `2026-03-04T10:15` that
 * minute. `>=` and `<` look at its start, `>` and `<=` at its end, and equality asks whether a time
 * lies within. Date math is `now`, then steps like `-15m`, `+1d`, `/d` (round down to the unit; a
 * final `/d` makes the span that whole day). Units: s m h H d w M y; weeks begin on Monday.
 */

/** Epoch milliseconds: `from` belongs to the span, `to` no longer does. */
export interface Span {
  readonly from: (now: number) => number;
  readonly to: (now: number) => number;
}

const DATE =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?<seconds>:\d{2}(?<fraction>[.,]\d{1,9})?)?(?<offset>Z|[+-]\d{2}:?\d{2})?)?$/;
const MATH = /^now(?<steps>(?:[+-]\d{1,6}[smhHdwMy]|\/[smhHdwMy])*)$/;
const STEP = /([+\-/])(\d*)([smhHdwMy])/g;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** The epoch was a Thursday; the Monday before it is three days earlier. */
const MONDAY_OFFSET = 3 * DAY;
const FIXED_UNITS: Readonly<Record<string, number>> = {
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  H: HOUR,
  d: DAY,
  w: WEEK,
};

type Step = (time: number) => number;

/** The span a text of a query stands for; undefined when it is no date. */
export function readSpan(text: string): Span | undefined {
  return readDateSpan(text) ?? readMathSpan(text);
}

/** The time of a value in a record: an ISO date, a `Date`, or a number of epoch milliseconds. */
export function readTime(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (value instanceof Date) return known(value.getTime());
  // Most texts are no dates: one look at the fifth character tells without a regular expression.
  if (typeof value !== "string" || value[4] !== "-") return undefined;
  const match = DATE.exec(value);
  return match ? parseDate(value, match.groups) : undefined;
}

function readDateSpan(text: string): Span | undefined {
  const match = DATE.exec(text);
  const from = match ? parseDate(text, match.groups) : undefined;
  if (from === undefined) return undefined;
  const to = from + precision(text, match?.groups);
  return { from: () => from, to: () => to };
}

function parseDate(
  text: string,
  groups: Readonly<Record<string, string | undefined>> | undefined,
): number | undefined {
  // A bare date is UTC to JavaScript, a date with time is local: always name the offset.
  const zone = text.length > 10 && groups?.offset === undefined ? "Z" : "";
  return known(Date.parse(text.replace(" ", "T").replace(",", ".") + zone));
}

function precision(text: string, groups: Readonly<Record<string, string | undefined>> | undefined) {
  if (text.length === 10) return DAY;
  if (groups?.fraction !== undefined) return 1;
  return groups?.seconds === undefined ? MINUTE : SECOND;
}

function readMathSpan(text: string): Span | undefined {
  const written = MATH.exec(text)?.groups?.steps;
  if (written === undefined) return undefined;
  const steps = [...written.matchAll(STEP)].map(([, sign, amount, unit]) =>
    stepOf(sign ?? "", Number(amount), unit ?? ""),
  );
  const from: Step = (now) => steps.reduce((time, step) => step(time), now);
  const rounded = /\/(.)$/.exec(written)?.[1];
  return { from, to: (now) => (rounded ? addUnits(from(now), 1, rounded) : from(now) + 1) };
}

function stepOf(sign: string, amount: number, unit: string): Step {
  if (sign === "/") return (time) => roundDown(time, unit);
  return (time) => addUnits(time, sign === "-" ? -amount : amount, unit);
}

function addUnits(time: number, amount: number, unit: string): number {
  const fixed = FIXED_UNITS[unit];
  return fixed === undefined
    ? addMonths(time, unit === "y" ? 12 * amount : amount)
    : time + amount * fixed;
}

/** The same day and time so many months on, or the last day of that month when it is shorter. */
function addMonths(time: number, months: number): number {
  const date = new Date(time);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, lastDay));
}

function roundDown(time: number, unit: string): number {
  const fixed = FIXED_UNITS[unit];
  const shift = unit === "w" ? MONDAY_OFFSET : 0;
  if (fixed !== undefined) return Math.floor((time + shift) / fixed) * fixed - shift;
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), unit === "y" ? 0 : date.getUTCMonth(), 1);
}

function known(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
