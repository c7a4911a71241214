/**
 * Compiles opening hours. It is open while the wall clock of the time zone shows a time within the
 * hours: a time that the clock skips in spring is not there to be open at, and one that it shows
 * twice in autumn is open twice. A closed day is closed from midnight to midnight, so of hours over
 * midnight only the part on that day.
 */
import { fail } from "../errors.ts";
import type { Calendar } from "./calendar.ts";
import { readOpening, type Opening } from "./opening.ts";
import { offsetIn, type Offset } from "./zone.ts";

/** As written in the configuration. */
export interface CalendarSettings {
  /** IANA name. */
  readonly time_zone: string;
  /** `mon-fri 08:00-18:00`; see `readOpening`. */
  readonly open: readonly string[];
  /** `2026-12-25`. */
  readonly closed: readonly string[];
}

/** Minutes of one day of the week; `until` is at most 1440. */
interface Hours {
  readonly from: number;
  readonly until: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Makes a calendar. Its texts were validated before; throws CONFIG_INVALID otherwise. */
export function compileCalendar(name: string, settings: CalendarSettings): Calendar {
  const week = hoursOfWeek(settings.open.map((text) => openingOf(name, text)));
  return new WeeklyCalendar(name, week, new Set(settings.closed), offsetOf(name, settings));
}

function openingOf(name: string, text: string): Opening {
  const read = readOpening(text);
  if ("problem" in read) throw invalid(name, read.problem);
  return read.opening;
}

function offsetOf(name: string, { time_zone }: CalendarSettings): Offset {
  try {
    return offsetIn(time_zone);
  } catch (cause) {
    throw invalid(name, `"${time_zone}" is not a time zone`, cause);
  }
}

function invalid(name: string, message: string, cause?: unknown): Error {
  return fail("CONFIG_INVALID", { component: `calendar ${name}`, message, cause });
}

/** The hours of each day, 0 for Sunday; what goes over midnight is cut there. */
function hoursOfWeek(openings: readonly Opening[]): readonly (readonly Hours[])[] {
  const week: Hours[][] = Array.from({ length: 7 }, () => []);
  const end = DAY / MINUTE;
  for (const { days, from, until } of openings) {
    for (const day of days) {
      week[day]?.push({ from, until: until > from ? until : end });
      if (until <= from) week[(day + 1) % 7]?.push({ from: 0, until });
    }
  }
  return week;
}

class WeeklyCalendar implements Calendar {
  readonly name: string;
  readonly #week: readonly (readonly Hours[])[];
  readonly #closed: ReadonlySet<string>;
  readonly #offset: Offset;

  constructor(
    name: string,
    week: readonly (readonly Hours[])[],
    closed: ReadonlySet<string>,
    offset: Offset,
  ) {
    this.name = name;
    this.#week = week;
    this.#closed = closed;
    this.#offset = offset;
  }

  isOpen(time: number): boolean {
    const wall = time + this.#offset(time);
    const minute = (wall - startOfDay(wall)) / MINUTE;
    return this.#hoursOn(wall).some(({ from, until }) => minute >= from && minute < until);
  }

  nextOpening(time: number): number | null {
    // After so many days every day of the week came up once that is not named as closed.
    const last = time + 7 * (this.#closed.size + 3) * DAY;
    for (let from = time; from < last; from += DAY) {
      const openings = this.#spans(from, from + DAY)
        .flatMap((span) => this.#beginnings(span.from, span.until))
        .filter((at) => at > time && this.isOpen(at) && !this.isOpen(at - 1));
      if (openings.length > 0) return Math.min(...openings);
    }
    return null;
  }

  /** Hours of the day that the wall clock shows. */
  #hoursOn(wall: number): readonly Hours[] {
    const date = new Date(wall);
    if (this.#closed.has(date.toISOString().slice(0, 10))) return [];
    return this.#week[date.getUTCDay()] ?? [];
  }

  /** A day at most, cut where the clock is put forward or back: in each part it just runs on. */
  #spans(from: number, until: number): { from: number; until: number }[] {
    if (this.#offset(from) === this.#offset(until)) return [{ from, until }];
    let [before, after] = [from, until];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.#offset(middle) === this.#offset(from)) before = middle;
      else after = middle;
    }
    return [
      { from, until: before },
      { from: after, until },
    ];
  }

  /** Where it may open between two instants with the same offset, ends included. */
  #beginnings(from: number, until: number): number[] {
    const offset = this.#offset(from);
    const found = [from];
    for (let day = startOfDay(from + offset); day <= until + offset; day += DAY) {
      for (const hours of this.#hoursOn(day)) found.push(day + hours.from * MINUTE - offset);
    }
    return found.filter((at) => at >= from && at <= until);
  }
}

function startOfDay(wall: number): number {
  return Math.floor(wall / DAY) * DAY;
}
