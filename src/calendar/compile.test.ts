import { describe, expect, it } from "vitest";
import { TocsinError } from "../errors.ts";
import type { Calendar } from "./calendar.ts";
import { compileCalendar, type CalendarSettings } from "./compile.ts";
import { readOpening } from "./opening.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const OFFICE: CalendarSettings = {
  time_zone: "Europe/Berlin",
  open: ["mon-fri 08:00-18:00"],
  closed: ["2026-12-24", "2026-12-25"],
};

const at = (text: string) => Date.parse(text);
const calendar = (changes: Partial<CalendarSettings> = {}) =>
  compileCalendar("office", { ...OFFICE, ...changes });
function nextOf(of: Calendar, time: string): string | null {
  const next = of.nextOpening(at(time));
  return next === null ? null : new Date(next).toISOString();
}

describe("a calendar", () => {
  it("is open from the first to before the last minute, in its own time zone", () => {
    const office = calendar();
    expect(office.isOpen(at("2026-03-04T08:00:00+01:00"))).toBe(true);
    expect(office.isOpen(at("2026-03-04T07:59:59.999+01:00"))).toBe(false);
    expect(office.isOpen(at("2026-03-04T17:59:59.999+01:00"))).toBe(true);
    expect(office.isOpen(at("2026-03-04T18:00:00+01:00"))).toBe(false);
    expect(office.isOpen(at("2026-07-01T08:00:00+02:00"))).toBe(true);
    expect(office.isOpen(at("2026-03-07T12:00:00+01:00"))).toBe(false);
  });

  it("opens next in the morning, over the weekend, and over closed days", () => {
    const office = calendar();
    expect(nextOf(office, "2026-03-04T06:00:00Z")).toBe("2026-03-04T07:00:00.000Z");
    expect(nextOf(office, "2026-03-04T18:00:00Z")).toBe("2026-03-05T07:00:00.000Z");
    expect(nextOf(office, "2026-03-06T18:00:00Z")).toBe("2026-03-09T07:00:00.000Z");
    expect(nextOf(office, "2026-12-23T18:00:00Z")).toBe("2026-12-28T07:00:00.000Z");
  });

  it("opens next after it closed, when it is open already", () => {
    expect(nextOf(calendar(), "2026-03-04T07:00:00Z")).toBe("2026-03-05T07:00:00.000Z");
  });

  it("opens at eight on the clock after the clock was changed over the weekend", () => {
    expect(nextOf(calendar(), "2026-03-27T18:00:00Z")).toBe("2026-03-30T06:00:00.000Z");
    expect(nextOf(calendar(), "2026-10-23T18:00:00Z")).toBe("2026-10-26T07:00:00.000Z");
  });

  it("stays open over midnight, until the next morning", () => {
    const night = calendar({ open: ["fri 22:00-06:00"] });
    expect(night.isOpen(at("2026-03-06T23:00:00+01:00"))).toBe(true);
    expect(night.isOpen(at("2026-03-07T05:59:00+01:00"))).toBe(true);
    expect(night.isOpen(at("2026-03-07T06:00:00+01:00"))).toBe(false);
    expect(night.isOpen(at("2026-03-06T05:00:00+01:00"))).toBe(false);
    expect(nextOf(night, "2026-03-07T00:00:00+01:00")).toBe("2026-03-13T21:00:00.000Z");
  });

  it("is closed on a closed day from midnight on, in the middle of hours over midnight", () => {
    const night = calendar({ open: ["mon-sun 22:00-06:00"], closed: ["2026-03-07"] });
    expect(night.isOpen(at("2026-03-06T23:59:00+01:00"))).toBe(true);
    expect(night.isOpen(at("2026-03-07T00:00:00+01:00"))).toBe(false);
    expect(nextOf(night, "2026-03-07T01:00:00+01:00")).toBe("2026-03-07T23:00:00.000Z");
  });

  it("opens when the clock jumps into the hours, and again when it is put back before them", () => {
    const jumped = calendar({ open: ["sun 02:30-04:00"] });
    expect(nextOf(jumped, "2026-03-28T12:00:00Z")).toBe("2026-03-29T01:00:00.000Z");
    const twice = calendar({ open: ["sun 02:00-02:30"] });
    expect(nextOf(twice, "2026-10-24T12:00:00Z")).toBe("2026-10-25T00:00:00.000Z");
    expect(nextOf(twice, "2026-10-25T00:10:00Z")).toBe("2026-10-25T01:00:00.000Z");
  });

  it("has no opening in the hour that the clock skips, but a week later", () => {
    const skipped = calendar({ open: ["sun 02:00-03:00"] });
    expect(nextOf(skipped, "2026-03-28T12:00:00Z")).toBe("2026-04-05T00:00:00.000Z");
  });

  it("never opens without hours, nor when it never closes", () => {
    expect(nextOf(calendar({ open: [] }), "2026-03-04T00:00:00Z")).toBeNull();
    expect(nextOf(calendar({ open: ["mon-sun 00:00-24:00"] }), "2026-03-04T00:00:00Z")).toBeNull();
  });

  it("finds the first of its days that is not closed, however many are", () => {
    const mondays = Array.from({ length: 60 }, (_, week) =>
      new Date(at("2026-01-05") + week * 7 * DAY).toISOString().slice(0, 10),
    );
    const rare = calendar({ open: ["mon 08:00-09:00"], closed: mondays });
    expect(nextOf(rare, "2026-01-01T00:00:00Z")).toBe("2027-03-01T07:00:00.000Z");
  });

  it.each([{ open: ["whenever"] }, { time_zone: "Europe/Atlantis" }])(
    "is not made of what validation refuses: %j",
    (changes) => {
      expect(() => calendar(changes)).toThrow(TocsinError);
    },
  );
});

/** Reads the clock of the zone every minute, with nothing in common with the code but the names. */
function slowly({ time_zone, open, closed }: CalendarSettings): (time: number) => boolean {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: time_zone,
    hourCycle: "h23",
    ...({ year: "numeric", month: "2-digit", day: "2-digit" } as const),
    ...({ hour: "2-digit", minute: "2-digit", weekday: "short" } as const),
  });
  const openings = open.map((text) => {
    const read = readOpening(text);
    return "opening" in read ? read.opening : expect.fail(read.problem);
  });
  return (time) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
    const day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(parts.get("weekday")!);
    const minute = Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
    const date = `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
    if (closed.includes(date)) return false;
    return openings.some(({ days, from, until }) => {
      if (until > from) return days.includes(day) && minute >= from && minute < until;
      return (
        (days.includes(day) && minute >= from) || (days.includes((day + 6) % 7) && minute < until)
      );
    });
  };
}

/** A week around each change of the clock, or around a day like any other. */
const WEEKS: readonly [string, string][] = [
  ["Europe/Berlin", "2026-03-29"],
  ["Europe/Berlin", "2026-10-25"],
  ["America/New_York", "2026-03-08"],
  ["America/New_York", "2026-11-01"],
  ["Asia/Kolkata", "2026-03-29"],
];
/** Hours that touch and cross the hour which is skipped or comes twice, and midnight. */
const HOURS = [
  ["mon-fri 08:00-18:00"],
  ["mon-sun 00:00-24:00"],
  ["sun 01:30-02:30", "sun 02:45-03:15"],
  ["sat 22:00-02:15", "sun 02:30-03:00"],
  ["sat,sun 01:00-03:00", "sun 03:00-04:00"],
  ["mon-sun 23:00-01:15"],
];

describe.each(WEEKS)("around %s on %s", (time_zone, day) => {
  it.each(HOURS)("agrees with a look at the clock every minute: %s %s", (...open) => {
    const settings = { time_zone, open, closed: [addDays(day, 3)] };
    const [fast, slow] = [compileCalendar("c", settings), slowly(settings)];
    const from = at(day) - 3 * DAY;
    const minutes = Array.from({ length: (7 * DAY) / MINUTE }, (_, index) => from + index * MINUTE);
    const states = minutes.map(slow);
    expect(minutes.filter((time, index) => fast.isOpen(time) !== states[index])).toEqual([]);
    const openings = minutes.filter((_, index) => states[index] && states[index - 1] === false);
    expect(openingsAfter(fast, from, from + 7 * DAY - MINUTE)).toEqual(openings);
    for (const [index, time] of minutes.entries()) {
      const next = openings.find((opening) => opening > time);
      if (index % 61 === 0 && next) expect(fast.nextOpening(time)).toBe(next);
    }
  });
});

function openingsAfter(of: Calendar, from: number, until: number): number[] {
  const found: number[] = [];
  for (let next = of.nextOpening(from); next !== null && next <= until;) {
    found.push(next);
    next = of.nextOpening(next);
  }
  return found;
}

function addDays(day: string, days: number): string {
  return new Date(at(day) + days * DAY).toISOString().slice(0, 10);
}
