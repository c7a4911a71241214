import { describe, expect, it } from "vitest";
import { aLimit, aRoute, aSilence, HOUR, MINUTE, OFFICE, SECOND } from "./testing/builders.ts";
import { PaceLog } from "./testing/log.ts";

describe("a route that wants nothing of repeats", () => {
  it("is told of the first alone", () => {
    const log = new PaceLog([aRoute("soc")]);
    log.alert(1, 0);
    const { changes } = log.repeat(1, MINUTE);
    log.runTo(24 * HOUR);
    expect(log.told).toHaveLength(1);
    expect(changes.cells).toEqual([]);
  });

  it("is told when a repeat makes the alert fit it for the first time", () => {
    const urgent = aRoute("urgent", { match: "severity: critical", to: ["pager"], continue: true });
    const log = new PaceLog([urgent, aRoute("rest")]);
    log.alert(1, 0, { severity: "low" });
    log.repeat(1, MINUTE, { severity: "critical" });
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "60s pager alert 1 first_notification",
    ]);
  });
});

describe("a reminder", () => {
  const ROUTE = aRoute("soc", { repeats: "remind" });

  it("comes when its time is over since the last message, however often it repeats", () => {
    const log = new PaceLog([ROUTE]);
    log.alert(1, 0);
    for (let hour = 1; hour < 10; hour += 1) log.repeat(1, hour * HOUR - 1);
    log.runTo(24 * HOUR);
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "14400s slack reminder 1 reminder_due",
      "28800s slack reminder 1 reminder_due",
      "43200s slack reminder 1 reminder_due",
    ]);
    expect([...log.ledger.values()].map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
  });

  it("comes at once when its time is over already", () => {
    const log = new PaceLog([ROUTE]);
    log.alert(1, 0);
    log.repeat(1, 5 * HOUR);
    log.runTo(5 * HOUR);
    expect(log.told[1]).toBe("18000s slack reminder 1 reminder_due");
  });

  it("is not for what somebody has acknowledged or closed, before or while it waits", () => {
    const log = new PaceLog([ROUTE]);
    for (const position of [1, 2, 3, 4]) log.alert(position, 0);
    log.setStatus(1, SECOND, "acknowledged");
    log.setStatus(2, SECOND, "closed");
    for (const position of [1, 2, 3, 4]) log.repeat(position, MINUTE);
    log.setStatus(3, HOUR, "acknowledged");
    log.setStatus(4, HOUR, "closed");
    log.runTo(24 * HOUR);
    expect(log.told).toHaveLength(4);
    expect([...log.ledger.values()].slice(4)).toMatchObject([
      { alert: 3, state: "suppressed", reason: "closed_meanwhile", cause: "acknowledged" },
      { alert: 4, state: "suppressed", reason: "closed_meanwhile", cause: null },
    ]);
  });

  it("is not planned while the first message waits", () => {
    const log = new PaceLog([aRoute("soc", { repeats: "remind", group_by: ["title"] })]);
    log.alert(1, 0);
    log.repeat(1, SECOND);
    log.runTo(24 * HOUR);
    expect(log.told).toEqual(["30s slack alert 1 first_notification"]);
  });

  it("is told for a whole group at once, counted from the group's last message", () => {
    const log = new PaceLog([aRoute("soc", { repeats: "remind", group_by: ["title"] })]);
    log.alert(1, 0);
    log.alert(2, 0);
    log.repeat(1, HOUR);
    log.alert(3, 2 * HOUR);
    log.repeat(2, 3 * HOUR);
    log.runTo(24 * HOUR);
    expect(log.told).toEqual([
      "30s slack alert 1,2 group_digest",
      "7230s slack alert 3 first_notification",
      "14430s slack reminder 1,2 reminder_digest",
    ]);
  });

  it("keeps its distance when every repeat brings another value to group by", () => {
    const log = new PaceLog([aRoute("soc", { repeats: "remind", group_by: ["host.name"] })]);
    const on = (host: string) => ({
      artifacts: [{ type: "hostname", value: host, role: "target", field: "h" } as const],
    });
    log.alert(1, 0, on("web-0"));
    for (const hour of [5, 6, 7, 8]) log.repeat(1, hour * HOUR, on(`web-${hour}`));
    log.runTo(24 * HOUR);
    expect(log.told).toEqual([
      "30s slack alert 1 first_notification",
      "18000s slack reminder 1 reminder_due",
      "32400s slack reminder 1 reminder_due",
    ]);
  });

  it("goes to every destination that knows the alert by the route", () => {
    const log = new PaceLog([aRoute("soc", { repeats: "remind", to: ["slack", "mail"] })]);
    log.alert(1, 0);
    log.repeat(1, MINUTE);
    log.runTo(24 * HOUR);
    expect(log.told.slice(2)).toEqual([
      "14400s slack reminder 1 reminder_due",
      "14400s mail reminder 1 reminder_due",
    ]);
  });

  it("is none for what was silenced when it came: a later repeat is the first to be told", () => {
    const silence = aSilence("S-1", { from: 0, until: HOUR }, { at_end: "nothing" });
    const log = new PaceLog([ROUTE], [silence]);
    log.alert(1, 0);
    log.repeat(1, MINUTE);
    log.repeat(1, HOUR);
    log.runTo(HOUR);
    expect(log.told).toEqual(["3600s slack alert 1 first_notification"]);
  });

  it("waits for office hours and counts for the limit like any message", () => {
    const hours = { calendar: OFFICE, outside: "hold" } as const;
    const log = new PaceLog([aRoute("soc", { repeats: "remind", hours, limit: aLimit(1) })]);
    log.alert(1, 4 * HOUR);
    log.repeat(1, 5 * HOUR);
    log.alert(2, 7 * HOUR);
    log.repeat(1, 9 * HOUR);
    log.runTo(100 * HOUR);
    expect(log.told).toEqual([
      "14400s slack alert 1 first_notification",
      `${68 * 3600}s slack alert 2,1 hours_digest`,
    ]);
  });

  it("of a shadow route, or of one that is gone, is not planned", () => {
    const log = new PaceLog([
      aRoute("try", { repeats: "remind", shadow: true, continue: true, to: ["mail"] }),
      ROUTE,
    ]);
    log.alert(1, 0);
    log.routes = log.routes.filter(({ shadow }) => shadow);
    expect(log.repeat(1, MINUTE).deliveries).toEqual([]);
  });

  it("is not planned for what only a shadow route has recorded, though it is real by now", () => {
    const trial = aRoute("try", { repeats: "remind", shadow: true });
    const log = new PaceLog([trial]);
    log.alert(1, 0);
    log.routes = [{ ...trial, shadow: false }];
    expect(log.repeat(1, MINUTE).deliveries).toEqual([]);
  });
});

describe("an update", () => {
  const ROUTE = aRoute("soc", { repeats: "update" });

  it("shows at once all that happened since the last", () => {
    const log = new PaceLog([ROUTE]);
    log.alert(1, 0);
    for (const second of [1, 2, 3, 31, 32, 200]) log.repeat(1, second * SECOND);
    log.runTo(HOUR);
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "30s slack update 1 update_of_message",
      "60s slack update 1 update_of_message",
      "200s slack update 1 update_of_message",
    ]);
  });

  it("stays behind its message: both have the alert's own thread when they have no other", () => {
    const log = new PaceLog([ROUTE]);
    const { alert } = log.alert(1, 0);
    log.repeat(1, SECOND);
    const thread = `alert:${alert?.id}`;
    expect([...log.ledger.values()].map((line) => line.thread)).toEqual([thread, thread]);
  });

  it("is not planned while the message waits to be sent, nor for what was never told", () => {
    const log = new PaceLog(
      [aRoute("soc", { repeats: "update", group_by: ["title"] })],
      [aSilence("S-1", { from: 0, until: MINUTE }, { match: "title: b", at_end: "nothing" })],
    );
    log.alert(1, 0, { title: "a" });
    log.alert(2, 0, { title: "b" });
    expect(log.repeat(1, SECOND, { title: "a" }).deliveries).toEqual([]);
    expect(log.repeat(2, 2 * MINUTE, { title: "b" }).deliveries).toMatchObject([
      { kind: "alert", sequence: 1, reason: "group_wait" },
    ]);
  });

  it("of alerts that one message tells of is one for the message, in the carrier's thread", () => {
    const log = new PaceLog([aRoute("soc", { repeats: "update", group_by: ["title"] })]);
    const { alert } = log.alert(1, 0);
    log.alert(2, 0);
    log.alert(3, 0);
    log.repeat(3, MINUTE);
    log.repeat(2, MINUTE);
    log.repeat(1, 2 * MINUTE);
    log.runTo(HOUR);
    expect(log.told).toEqual([
      "30s slack alert 1,2,3 group_digest",
      "330s slack update 3 update_of_message",
    ]);
    expect([...log.ledger.values()].at(-1)?.thread).toBe(`alert:${alert?.id}`);
  });

  it("keeps the messages of different destinations apart", () => {
    const pager = aRoute("pager", { match: "title: one", to: ["pager"], continue: true });
    const changes = { repeats: "update", group_by: ["severity"], to: ["slack", "pager"] } as const;
    const log = new PaceLog([pager, aRoute("soc", changes)]);
    log.alert(1, 0, { title: "one" });
    log.alert(2, 0, { title: "two" });
    log.alert(3, 0, { title: "three" });
    log.repeat(1, MINUTE, { title: "one" });
    log.repeat(3, MINUTE, { title: "three" });
    log.runTo(HOUR);
    expect(log.told.filter((line) => line.includes("update"))).toEqual([
      "330s slack update 1 update_of_message",
      "330s pager update 3 update_of_message",
    ]);
  });

  it("shows a change as well as a repeat, even that the alert was closed", () => {
    const log = new PaceLog([ROUTE]);
    log.alert(1, 0);
    log.repeat(1, SECOND);
    log.update(1, 2 * SECOND, { status: "closed" });
    log.runTo(HOUR);
    expect(log.told[1]).toBe("30s slack update 1 update_of_message");
  });

  it("disturbs nobody: hours and limits do not hold it", () => {
    const hours = { calendar: OFFICE, outside: "hold" } as const;
    const log = new PaceLog([aRoute("soc", { repeats: "update", hours, limit: aLimit(1) })]);
    const closing = 6 * HOUR;
    log.alert(1, closing - 10 * SECOND);
    log.repeat(1, closing - 9 * SECOND);
    log.runTo(closing + MINUTE);
    expect(log.told[1]).toBe("21620s slack update 1 update_of_message");
  });

  it("is left out while the alert is silenced; the next repeat makes up for it", () => {
    const log = new PaceLog([ROUTE], [aSilence("S-1", { from: 10 * SECOND, until: MINUTE })]);
    log.alert(1, 0);
    log.repeat(1, SECOND);
    log.repeat(1, 20 * SECOND);
    log.runTo(MINUTE);
    expect(log.told).toHaveLength(1);
    expect([...log.ledger.values()][1]).toMatchObject({ state: "suppressed", hold: null });
    log.repeat(1, 2 * MINUTE);
    log.runTo(2 * MINUTE);
    expect(log.told[1]).toBe("120s slack update 1 update_of_message");
  });
});
