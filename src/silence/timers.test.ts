import { describe, expect, it } from "vitest";
import type { Silence } from "./silence.ts";
import { aSilence } from "./testing/silences.ts";
import { timersOf } from "./timers.ts";

const NOW = Date.parse("2026-03-04T10:00:00.000Z");
const HOUR = 3_600_000;
const until = new Date(NOW + 2 * HOUR).toISOString();

/** When each timer is due; undefined for one that is removed. */
function timers(changes: Partial<Silence>): [string, unknown][] {
  return timersOf(aSilence(changes), NOW).map((write) =>
    "cell" in write ? [write.cell.stage, write.cell.due_at] : [write.remove.stage, undefined],
  );
}

describe("the timers of a silence", () => {
  it("announce its end as long before as it says", () => {
    expect(timers({ until, remind: HOUR })).toEqual([["silence_reminder", NOW + HOUR]]);
  });

  it.each([
    ["it does not ask for that", { until }],
    ["it has no end", { remind: HOUR }],
    ["that would have been before", { until, remind: 2 * HOUR }],
  ])("announce nothing when %s", (_, changes) => {
    expect(timers(changes)).toEqual([["silence_reminder", undefined]]);
  });

  it("look at what was held back when the window ends as it was changed", () => {
    expect(timers({ version: 2, until })).toContainEqual(["silence", NOW + 2 * HOUR]);
    expect(timers({ version: 2, cron: "0 8 * * *", for: 4 * HOUR })).toContainEqual([
      "silence",
      NOW + 2 * HOUR,
    ]);
  });

  it("look at it at once when the window is over by the change, and never while it has no end", () => {
    const ended_at = new Date(NOW).toISOString();
    expect(timers({ version: 2, until, remind: HOUR, ended_at })).toEqual([
      ["silence_reminder", undefined],
      ["silence", NOW],
    ]);
    expect(timers({ version: 2, from: until })).toContainEqual(["silence", NOW]);
    expect(timers({ version: 2 })).toContainEqual(["silence", null]);
  });
});
