import { describe, expect, it } from "vitest";
import { isDay, readOpening } from "./opening.ts";
import { isTimeZone, offsetIn } from "./zone.ts";

describe("opening hours", () => {
  it.each([
    ["mon-fri 08:00-18:00", [1, 2, 3, 4, 5], 480, 1080],
    ["sat,sun 10:00-12:00", [0, 6], 600, 720],
    ["mon-sun 00:00-24:00", [0, 1, 2, 3, 4, 5, 6], 0, 1440],
    ["fri-mon 9:30-17:05", [0, 1, 5, 6], 570, 1025],
    ["mon-wed,fri 08:00-12:00", [1, 2, 3, 5], 480, 720],
    ["fri 22:00-06:00", [5], 1320, 360],
    ["  Tue   22:00-00:00 ", [2], 1320, 0],
  ])("reads %s", (text, days, from, until) => {
    expect(readOpening(text)).toEqual({ opening: { days, from, until } });
  });

  it.each([
    ["always", "is not days and a span of hours"],
    ["mon-fri", "is not days and a span of hours"],
    ["mon 08:00-12:00 13:00-18:00", "is not days and a span of hours"],
    ["mo-fr 08:00-18:00", "names days that do not exist: mo-fr"],
    ["mon-wed-fri 08:00-18:00", "names days that do not exist: mon-wed-fri"],
    ["mon, 08:00-18:00", "names days that do not exist: mon,"],
    ["mon 8-18", "has no span of hours: 8-18"],
    ["mon 08:00-24:01", "has no span of hours: 08:00-24:01"],
    ["mon 08:60-18:00", "has no span of hours: 08:60-18:00"],
    ["mon 24:00-06:00", "has no span of hours: 24:00-06:00"],
    ["mon 08:00-08:00", "is empty"],
  ])("says what is wrong with %s, and what to write", (text, why) => {
    const read = readOpening(text);
    if (!("problem" in read)) return expect.fail("it was read");
    expect(read.problem).toContain(`"${text}" ${why}`);
    expect(read.problem).toContain(" — write ");
  });
});

describe("a closed day", () => {
  it.each(["2026-12-25", "2028-02-29"])("can be %s", (text) => expect(isDay(text)).toBe(true));
  it.each(["2026-02-29", "2026-13-01", "25.12.2026", "2026-12-25T00:00", ""])(
    "cannot be %s",
    (text) => expect(isDay(text)).toBe(false),
  );
});

describe("a time zone", () => {
  it.each(["Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata"])("can be %s", (zone) => {
    expect(isTimeZone(zone)).toBe(true);
  });
  it.each(["Europe/Atlantis", "", "+02:00", "Berlin", "local"])("cannot be %j", (zone) => {
    expect(isTimeZone(zone)).toBe(false);
  });

  it.each([
    ["UTC", "2026-07-01T12:00:00Z", 0],
    ["Europe/London", "2026-01-01T12:00:00Z", 0],
    ["Asia/Kolkata", "2026-07-01T12:00:00Z", 330],
    ["America/St_Johns", "2026-07-01T12:00:00Z", -150],
    ["Europe/Berlin", "2026-03-29T00:59:59.999Z", 60],
    ["Europe/Berlin", "2026-03-29T01:00:00Z", 120],
    ["Europe/Berlin", "2026-10-25T00:59:59.999Z", 120],
    ["Europe/Berlin", "2026-10-25T01:00:00Z", 60],
    ["Australia/Lord_Howe", "2026-10-03T15:29:59Z", 630],
    ["Australia/Lord_Howe", "2026-10-03T15:30:00Z", 660],
  ])("%s is ahead of UTC at %s by %i minutes", (zone, time, minutes) => {
    expect(offsetIn(zone)(Date.parse(time))).toBe(minutes * 60_000);
  });
});
