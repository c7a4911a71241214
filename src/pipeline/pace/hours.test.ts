import { describe, expect, it } from "vitest";
import { aLimit, aRoute, aSilence, DAY, HOUR, MINUTE, OFFICE } from "./testing/builders.ts";
import { PaceLog } from "./testing/log.ts";

/** The log begins on a Friday at noon. */
const EVENING = 8 * HOUR;
const MONDAY = 2 * DAY + 20 * HOUR;
const HELD = { hours: { calendar: OFFICE, outside: "hold" } } as const;

describe("a route with hours", () => {
  it("tells at once while it is open", () => {
    const log = new PaceLog([aRoute("soc", HELD)]);
    log.alert(1, HOUR);
    expect(log.told).toEqual(["3600s slack alert 1 first_notification"]);
  });

  it("keeps a weekend's alerts for Monday morning, in one digest", () => {
    const log = new PaceLog([aRoute("soc", HELD)]);
    log.alert(1, EVENING);
    log.alert(2, DAY);
    log.alert(3, 2 * DAY);
    log.runTo(MONDAY - 1);
    expect(log.told).toEqual([]);
    log.runTo(MONDAY);
    expect(log.told).toEqual([`${MONDAY / 1000}s slack alert 1,2,3 hours_digest`]);
    log.alert(4, MONDAY);
    expect(log.told).toHaveLength(2);
  });

  it("drops what was closed over night, and obeys a silence of the morning", () => {
    const silence = aSilence(
      "S-1",
      { from: MONDAY - HOUR, until: MONDAY + HOUR },
      { match: "title: b" },
    );
    const log = new PaceLog([aRoute("soc", HELD)], [silence]);
    log.alert(1, EVENING, { title: "a" });
    log.alert(2, EVENING, { title: "b" });
    log.alert(3, EVENING, { title: "c" });
    log.setStatus(3, DAY, "closed");
    log.runTo(MONDAY);
    expect(log.messages.map(({ alerts }) => alerts)).toEqual([[1]]);
    log.runTo(MONDAY + HOUR);
    expect(log.messages.map(({ alerts }) => alerts)).toEqual([[1], [2]]);
  });

  it("makes a group wait that is due after closing", () => {
    const log = new PaceLog([aRoute("soc", { ...HELD, group_by: ["title"] })]);
    log.alert(1, 6 * HOUR - 1);
    log.runTo(MONDAY);
    expect(log.told).toEqual([`${MONDAY / 1000}s slack alert 1 first_notification`]);
  });

  it("makes wait what is over a limit when that is due after closing", () => {
    const log = new PaceLog([aRoute("soc", { ...HELD, limit: aLimit(1) })]);
    for (const position of [1, 2, 3]) log.alert(position, 6 * HOUR - MINUTE / 2);
    log.runTo(MONDAY);
    expect(log.told).toEqual([
      "21570s slack alert 1 first_notification",
      `${MONDAY / 1000}s slack alert 2,3 hours_digest`,
    ]);
  });

  it("tells others outside, and tells each of them by the first delivery", () => {
    const hours = { calendar: OFFICE, outside: ["pager"] };
    const log = new PaceLog([aRoute("soc", { hours })]);
    log.alert(1, HOUR);
    log.alert(2, EVENING);
    expect(log.told.map((line) => line.split(" ")[1])).toEqual(["slack", "pager"]);
  });

  it("waits for nothing when its calendar never opens", () => {
    const calendar = { name: "never", isOpen: () => false, nextOpening: () => null };
    const log = new PaceLog([aRoute("soc", { hours: { calendar, outside: "hold" } })]);
    log.alert(1, 0);
    expect(log.told).toHaveLength(1);
  });

  it("goes by the calendar as it is when the time comes", () => {
    const late = { ...OFFICE, isOpen: (time: number) => OFFICE.isOpen(time - HOUR) };
    const calendar = {
      ...late,
      nextOpening: (time: number) => (OFFICE.nextOpening(time - HOUR) ?? 0) + HOUR,
    };
    const log = new PaceLog([aRoute("soc", HELD)]);
    log.alert(1, EVENING);
    log.routes = [aRoute("soc", { hours: { calendar, outside: "hold" } })];
    log.runTo(MONDAY + 2 * HOUR);
    expect(log.messages.map(({ at }) => at)).toEqual([MONDAY + HOUR]);
  });
});
