import { describe, expect, it } from "vitest";
import { aRoute, aSilence, MINUTE, SECOND } from "./testing/builders.ts";
import { PaceLog } from "./testing/log.ts";

const GROUPED = aRoute("soc", { group_by: ["title"] });
const one = { title: "one" };

describe("a group", () => {
  it("waits for others before it speaks, and tells of all at once", () => {
    const log = new PaceLog([GROUPED]);
    log.alert(1, 0, one);
    log.alert(2, 10 * SECOND, one);
    log.alert(3, 20 * SECOND, { title: "another" });
    log.runTo(MINUTE);
    expect(log.told).toEqual([
      "30s slack alert 1,2 group_digest",
      "50s slack alert 3 first_notification",
    ]);
    expect(log.messages.map(({ cause }) => cause)).toEqual(["soc", null]);
  });

  it("that spoke lately speaks again when its interval is over", () => {
    const log = new PaceLog([GROUPED]);
    log.alert(1, 0, one);
    log.alert(2, MINUTE, one);
    log.alert(3, 2 * MINUTE, one);
    log.runTo(10 * MINUTE);
    expect(log.told).toEqual([
      "30s slack alert 1 first_notification",
      "330s slack alert 2,3 group_digest",
    ]);
  });

  it("still counts as having spoken lately exactly at the end of its interval", () => {
    const log = new PaceLog([GROUPED]);
    log.alert(1, 0, one);
    log.alert(2, 330 * SECOND, one);
    log.runTo(330 * SECOND);
    expect(log.told).toEqual([
      "30s slack alert 1 first_notification",
      "330s slack alert 2 first_notification",
    ]);
  });

  it("begins a new round a moment later", () => {
    const log = new PaceLog([GROUPED]);
    log.alert(1, 0, one);
    log.alert(2, 330 * SECOND + 1, one);
    log.runTo(10 * MINUTE);
    expect(log.told[1]).toBe("360.001s slack alert 2 first_notification");
  });

  it("that is due when another comes speaks without it", () => {
    const log = new PaceLog([GROUPED]);
    log.alert(1, 0, one);
    log.alert(2, 30 * SECOND, one);
    log.runTo(10 * MINUTE);
    expect(log.told).toEqual([
      "30s slack alert 1 first_notification",
      "330s slack alert 2 first_notification",
    ]);
  });

  it("is of one alert when it has none of the values", () => {
    const log = new PaceLog([aRoute("soc", { group_by: ["host.name"] })]);
    log.alert(1, 0);
    log.alert(2, 1000);
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "1s slack alert 2 first_notification",
    ]);
  });

  it("tells each of its destinations of its own alerts, and they leave together", () => {
    const pager = aRoute("pager", { match: "title: one", to: ["pager"], continue: true });
    const soc = aRoute("soc", { group_by: ["severity"], to: ["slack", "pager"] });
    const log = new PaceLog([pager, soc]);
    log.alert(1, 0, one);
    log.alert(2, SECOND, { title: "two" });
    log.alert(3, SECOND, { title: "three" });
    log.runTo(MINUTE);
    expect(log.told).toEqual([
      "0s pager alert 1 first_notification",
      "30s slack alert 1,2,3 group_digest",
      "30s pager alert 2,3 group_digest",
    ]);
  });

  it("does not tell of what was closed while it waited", () => {
    const log = new PaceLog([GROUPED]);
    log.alert(1, 0, one);
    log.alert(2, 0, one);
    log.setStatus(1, SECOND, "closed");
    log.runTo(MINUTE);
    expect(log.told).toEqual(["30s slack alert 2 first_notification"]);
    expect([...log.ledger.values()][0]).toMatchObject({
      state: "suppressed",
      reason: "closed_meanwhile",
      hold: null,
    });
  });

  it("did not speak when nothing of it was left", () => {
    const log = new PaceLog([GROUPED]);
    log.alert(1, 0, one);
    log.setStatus(1, SECOND, "closed");
    log.alert(2, MINUTE, one);
    log.runTo(10 * MINUTE);
    expect(log.told).toEqual(["90s slack alert 2 first_notification"]);
  });

  it("tells of what arrived closed: that is news", () => {
    const log = new PaceLog([GROUPED]);
    log.alert(1, 0, { ...one, status: "closed" });
    log.runTo(MINUTE);
    expect(log.told).toEqual(["30s slack alert 1 first_notification"]);
  });

  it("is silenced by a silence that begins while it waits, and told of at its end", () => {
    const log = new PaceLog([GROUPED], [aSilence("S-1", { from: SECOND, until: MINUTE })]);
    log.alert(1, 0, one);
    log.runTo(MINUTE - 1);
    expect(log.told).toEqual([]);
    expect([...log.ledger.values()][0]).toMatchObject({
      state: "suppressed",
      reason: "silence",
      cause: "S-1",
      hold: "silence:S-1",
    });
    log.runTo(MINUTE);
    expect(log.told).toEqual(["60s slack alert 1 first_notification"]);
  });

  it("is sent when its time comes although its route is gone", () => {
    const log = new PaceLog([GROUPED]);
    log.alert(1, 0, one);
    log.alert(2, 0, one);
    log.routes = [];
    log.runTo(MINUTE);
    expect(log.told).toEqual(["30s slack alert 1,2 group_digest"]);
  });
});
