import { describe, expect, it } from "vitest";
import { TocsinError } from "../errors.ts";
import type { CompiledSilence } from "./compile.ts";
import type { Window } from "./silence.ts";
import { aCompiledSilence } from "./testing/silences.ts";

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const spell = (time: number) => (Number.isFinite(time) ? new Date(time).toISOString() : time);

/** The window at a time, with its ends spelled out. */
function windowAt(silence: CompiledSilence, time: string): [unknown, unknown] | null {
  const window = silence.windowAt(at(time));
  return window && [spell(window.from), spell(window.until)];
}

describe("a silence with a single window", () => {
  const single = { from: "2026-03-04T10:00:00.000Z", until: "2026-03-04T12:00:00.000Z" };

  it("holds at its first moment and no more at its last", () => {
    const silence = aCompiledSilence(single);
    expect(windowAt(silence, "2026-03-04T09:59:59.999Z")).toBeNull();
    expect(windowAt(silence, "2026-03-04T10:00:00.000Z")).toEqual([single.from, single.until]);
    expect(windowAt(silence, "2026-03-04T11:59:59.999Z")).toEqual([single.from, single.until]);
    expect(windowAt(silence, "2026-03-04T12:00:00.000Z")).toBeNull();
  });

  it("holds for ever without an end, and ever since without a beginning", () => {
    expect(windowAt(aCompiledSilence(), "2026-03-04T10:00:00Z")).toEqual([-Infinity, Infinity]);
    const begun = aCompiledSilence({ from: single.from });
    expect(windowAt(begun, "2099-01-01T00:00:00Z")).toEqual([single.from, Infinity]);
  });

  it("ends when it was ended early, and never begins when that was before", () => {
    const early = aCompiledSilence({ ...single, ended_at: "2026-03-04T11:00:00.000Z" });
    expect(windowAt(early, "2026-03-04T10:30:00Z")).toEqual([
      single.from,
      "2026-03-04T11:00:00.000Z",
    ]);
    expect(windowAt(early, "2026-03-04T11:00:00Z")).toBeNull();
    const never = aCompiledSilence({ ...single, ended_at: "2026-03-04T09:00:00.000Z" });
    expect(windowAt(never, "2026-03-04T09:30:00Z")).toBeNull();
    expect(windowAt(never, "2026-03-04T10:30:00Z")).toBeNull();
  });

  it("ends as planned when it was ended later", () => {
    const late = aCompiledSilence({ ...single, ended_at: "2026-03-05T00:00:00.000Z" });
    expect(windowAt(late, "2026-03-04T12:00:00Z")).toBeNull();
  });
});

describe("a silence that recurs", () => {
  const nights = { cron: "0 22 * * *", for: 4 * HOUR, time_zone: "Europe/Berlin" };

  it("begins on the clock of its time zone, in winter and in summer", () => {
    const silence = aCompiledSilence(nights);
    const winter = ["2026-01-10T21:00:00.000Z", "2026-01-11T01:00:00.000Z"];
    expect(windowAt(silence, "2026-01-10T21:00:00Z")).toEqual(winter);
    expect(windowAt(silence, "2026-01-11T00:59:59.999Z")).toEqual(winter);
    expect(windowAt(silence, "2026-01-11T01:00:00Z")).toBeNull();
    const summer = ["2026-07-10T20:00:00.000Z", "2026-07-11T00:00:00.000Z"];
    expect(windowAt(silence, "2026-07-10T20:00:00Z")).toEqual(summer);
    expect(windowAt(silence, "2026-07-10T19:59:59.999Z")).toBeNull();
  });

  it("goes by UTC without a time zone", () => {
    const silence = aCompiledSilence({ ...nights, time_zone: null });
    expect(windowAt(silence, "2026-07-10T22:30:00Z")).toEqual([
      "2026-07-10T22:00:00.000Z",
      "2026-07-11T02:00:00.000Z",
    ]);
  });

  it("lasts its elapsed time in the nights in which the clock is changed", () => {
    const silence = aCompiledSilence(nights);
    // Four hours later the clock shows three, for it skipped one.
    const spring = ["2026-03-28T21:00:00.000Z", "2026-03-29T01:00:00.000Z"];
    expect(windowAt(silence, "2026-03-29T00:59:59Z")).toEqual(spring);
    expect(windowAt(silence, "2026-03-29T03:00:00+02:00")).toBeNull();
    // Four hours later the clock shows two; it is about to show the hour from two to three again.
    const autumn = ["2026-10-24T20:00:00.000Z", "2026-10-25T00:00:00.000Z"];
    expect(windowAt(silence, "2026-10-24T23:59:59Z")).toEqual(autumn);
    expect(windowAt(silence, "2026-10-25T02:00:00+02:00")).toBeNull();
    expect(windowAt(silence, "2026-10-25T02:30:00+01:00")).toBeNull();
  });

  it("begins when the clock has jumped, when it skips the time, and once when it shows it twice", () => {
    const silence = aCompiledSilence({ ...nights, cron: "30 2 * * *", for: HOUR / 2 });
    const jumped = ["2026-03-29T01:00:00.000Z", "2026-03-29T01:30:00.000Z"];
    expect(windowAt(silence, "2026-03-29T00:59:00Z")).toBeNull();
    expect(windowAt(silence, "2026-03-29T01:10:00Z")).toEqual(jumped);
    const first = ["2026-10-25T00:30:00.000Z", "2026-10-25T01:00:00.000Z"];
    expect(windowAt(silence, "2026-10-25T00:40:00Z")).toEqual(first);
    expect(windowAt(silence, "2026-10-25T01:40:00Z")).toBeNull();
  });

  it("makes one window of those that overlap or touch", () => {
    const joined = ["2026-03-02T08:00:00.000Z", "2026-03-02T13:00:00.000Z"];
    const overlapping = { cron: "0 8-11 * * *", for: 2 * HOUR };
    const touching = { cron: "0 8-12 * * *", for: HOUR };
    for (const time of ["08:00:00.000", "09:30:00.000", "11:00:00.000", "12:59:59.999"]) {
      // Each asked anew, so that nothing is remembered.
      expect(windowAt(aCompiledSilence(overlapping), `2026-03-02T${time}Z`)).toEqual(joined);
      expect(windowAt(aCompiledSilence(touching), `2026-03-02T${time}Z`)).toEqual(joined);
    }
    for (const time of ["07:59:59.999", "13:00:00.000"]) {
      expect(windowAt(aCompiledSilence(touching), `2026-03-02T${time}Z`)).toBeNull();
    }
  });

  it("does not join those that leave a gap", () => {
    const gaps = aCompiledSilence({ cron: "0 8-12 * * *", for: HOUR - 1 });
    expect(windowAt(gaps, "2026-03-02T08:59:59.998Z")).toEqual([
      "2026-03-02T08:00:00.000Z",
      "2026-03-02T08:59:59.999Z",
    ]);
    expect(windowAt(gaps, "2026-03-02T08:59:59.999Z")).toBeNull();
  });

  it("recurs between its beginning and its end only, and windows are cut there", () => {
    const from = "2026-01-10T22:00:00.000Z";
    const until = "2026-01-12T23:00:00.000Z";
    const silence = aCompiledSilence({ ...nights, from, until });
    expect(windowAt(silence, "2026-01-10T21:30:00Z")).toBeNull();
    expect(windowAt(silence, "2026-01-10T22:00:00Z")).toEqual([from, "2026-01-11T01:00:00.000Z"]);
    expect(windowAt(silence, "2026-01-12T22:00:00Z")).toEqual(["2026-01-12T21:00:00.000Z", until]);
    expect(windowAt(silence, "2026-01-12T23:00:00Z")).toBeNull();
    expect(windowAt(silence, "2026-01-13T22:00:00Z")).toBeNull();
  });

  it("holds in every minute of a window that is joined for longer than can be followed", () => {
    const silence = aCompiledSilence({ cron: "* * * * 1-5", for: 60_000 });
    const [monday, saturday] = [at("2026-03-02T00:00:00Z"), at("2026-03-07T00:00:00Z")];
    for (let time = monday; time < saturday; time += 7 * 60_000) {
      expect(silence.windowAt(time)?.until).toBeGreaterThan(time);
    }
    expect(silence.windowAt(monday - 1)).toBeNull();
    expect(silence.windowAt(saturday)).toBeNull();
  });

  it("answers the same whatever it was asked before", () => {
    const settings = { cron: "15 */5 * * *", for: 2 * HOUR, time_zone: "America/New_York" };
    const asked = aCompiledSilence(settings);
    const from = at("2026-03-07T00:00:00Z");
    const times = Array.from(
      { length: 300 },
      (_, index) => from + ((index * 7919) % 300) * 600_000,
    );
    const answers = times.map((time) => asked.windowAt(time));
    expect(answers).toEqual(times.map((time) => aCompiledSilence(settings).windowAt(time)));
    expect(answers.filter(Boolean).length).toBeGreaterThan(50);
    expect(answers.filter((window) => window === null).length).toBeGreaterThan(50);
  });

  it("agrees with a look at all runs, one by one", () => {
    const runs: number[] = [];
    for (let day = at("2026-03-01T00:00:00Z"); runs.length < 60; day += 24 * HOUR) {
      runs.push(day + 6 * HOUR, day + 7.5 * HOUR, day + 20 * HOUR);
    }
    const silence = aCompiledSilence({ cron: "0 6,20 * * *", for: 2 * HOUR });
    const other = aCompiledSilence({ cron: "30 7 * * *", for: 2 * HOUR });
    for (let time = runs[3]!; time < runs[50]!; time += 11 * 60_000) {
      const holds = runs.some((run) => time >= run && time < run + 2 * HOUR);
      const found = silence.windowAt(time) ?? other.windowAt(time);
      expect(found !== null).toBe(holds);
      if (found) expectIn(time, found);
    }
  });

  it("remembers where it is, so that a thousand of them are asked at once", () => {
    const silences = Array.from({ length: 1000 }, () => aCompiledSilence(nights));
    const time = at("2026-01-10T23:00:00Z");
    for (const silence of silences) silence.windowAt(time);
    const began = performance.now();
    for (let count = 0; count < 100; count += 1) {
      for (const silence of silences) silence.windowAt(time + count);
    }
    // A hundred thousand questions; worked out anew they would take seconds.
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it("is not made of what validation refuses", () => {
    expect(() => aCompiledSilence({ cron: "never" })).toThrow(TocsinError);
    expect(() => aCompiledSilence({ match: "severity >=" })).toThrow(TocsinError);
  });
});

function expectIn(time: number, { from, until }: Window): void {
  expect(time).toBeGreaterThanOrEqual(from);
  expect(time).toBeLessThan(until);
}
