import { describe, expect, it } from "vitest";
import { readCron } from "./cron.ts";
import { findRecurrenceProblem } from "./recurrence.ts";

const HOUR = 3_600_000;

function nextRuns(text: string, zone: string | null, from: string, count: number): string[] {
  const read = readCron(text, zone);
  if ("problem" in read) return expect.fail(read.problem);
  const found: string[] = [];
  for (let time = read.runs.nextAfter(Date.parse(from)); time !== null && found.length < count;) {
    found.push(new Date(time).toISOString());
    time = read.runs.nextAfter(time);
  }
  return found;
}

describe("a cron pattern", () => {
  it.each([
    ["0 22 * * 2", ["2026-03-03T22:00:00.000Z", "2026-03-10T22:00:00.000Z"]],
    ["0 22 * * tue", ["2026-03-03T22:00:00.000Z", "2026-03-10T22:00:00.000Z"]],
    [" */30  8 1 * * ", ["2026-03-01T08:00:00.000Z", "2026-03-01T08:30:00.000Z"]],
    ["0 0 29 2 *", ["2028-02-29T00:00:00.000Z", "2032-02-29T00:00:00.000Z"]],
  ])("of %j says when", (text, expected) => {
    expect(nextRuns(text, null, "2026-03-01T00:00:00Z", 2)).toEqual(expected);
  });

  it("finds the last run at a time, not only before it", () => {
    const read = readCron("0 22 * * *", "Europe/Berlin");
    const run = Date.parse("2026-03-28T21:00:00Z");
    if (!("runs" in read)) return expect.fail(read.problem);
    expect(read.runs.lastAt(run)).toBe(run);
    expect(read.runs.lastAt(run - 1)).toBe(run - 24 * HOUR);
    expect(read.runs.nextAfter(run - 1)).toBe(run);
    expect(read.runs.nextAfter(run)).toBe(run + 23 * HOUR);
  });

  it.each([
    ["@daily", "does not have five fields"],
    ["0 0 22 * * 2", "does not have five fields"],
    ["10:00", "does not have five fields"],
    ["", "does not have five fields"],
    ["0 25 * * *", "cannot be read: Invalid value for hour: 25"],
    ["0 22 * * someday", "cannot be read"],
    ["0 0 31 2 *", "names a day that never comes"],
  ])("of %j is refused", (text, why) => {
    const read = readCron(text, null);
    if (!("problem" in read)) return expect.fail("it was read");
    expect(read.problem).toContain(`"${text}" ${why}`);
    expect(read.problem).toContain(" — write ");
  });

  it("is refused with a time zone that is none", () => {
    expect(readCron("0 22 * * 2", "Europe/Atlantis")).toEqual({
      problem: '"Europe/Atlantis" is not a time zone — write it like Europe/Berlin or UTC',
    });
  });
});

describe("windows that recur", () => {
  it.each([
    ["0 22 * * 2", 4 * HOUR],
    ["0 * * * *", HOUR - 1],
    ["0 0 * * 1-5", 24 * HOUR],
  ])("of %s and %i ms are fine", (cron, length) => {
    expect(findRecurrenceProblem(cron, null, length)).toBeNull();
  });

  it.each([
    ["0 * * * *", HOUR],
    ["*/5 * * * *", 10 * 60_000],
    ["0 0 * * *", 48 * HOUR],
  ])("of %s and %i ms are refused: they never end", (cron, length) => {
    expect(findRecurrenceProblem(cron, null, length)).toContain("before its window ends — let it");
  });

  it("say what is wrong with their pattern", () => {
    expect(findRecurrenceProblem("* *", null, HOUR)).toContain("does not have five fields");
  });
});
