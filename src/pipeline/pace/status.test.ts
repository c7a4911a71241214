import { describe, expect, it } from "vitest";
import type { KnownDelivery } from "../state.ts";
import type { Position } from "../entry.ts";
import { aDelivery } from "../testing/builders.ts";
import { planStatusUpdates } from "./status.ts";
import { aRoute, aSilence, HOUR, MINUTE, SECOND } from "./testing/builders.ts";
import { PaceLog } from "./testing/log.ts";

const HEARS = ["slack"];
const close = (log: PaceLog, position: number, at: number) =>
  log.update(position, at, { status: "closed" });

describe("a status that an event changes", () => {
  it("is told at once where the alert is known, after what was told before", () => {
    const log = new PaceLog([aRoute("soc", { to: ["slack", "mail"] })], [], HEARS);
    log.alert(1, 0);
    const { trace } = log.update(1, SECOND, { status: "acknowledged" });
    close(log, 1, 2 * SECOND);
    log.runTo(24 * HOUR);
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "0s mail alert 1 first_notification",
      "1s slack update 1 status_changed",
      "2s slack update 1 status_changed",
    ]);
    expect([...log.ledger.values()].slice(2)).toMatchObject([
      { destination: "slack", route: "soc", sequence: 1, thread: "message:1", hold: null },
      { destination: "slack", route: "soc", sequence: 2, thread: "message:1", hold: null },
    ]);
    expect(trace.at(-1)).toEqual({
      stage: "pace",
      outcome: "planned",
      reason: "status_changed",
      values: { before: "new", status: "acknowledged", destinations: ["slack"] },
    });
  });

  it("is no news when it stays as it was, and nobody hears of the rest", () => {
    const log = new PaceLog([aRoute("soc")], [], HEARS);
    log.alert(1, 0);
    log.update(1, SECOND, { severity: "critical" });
    log.repeat(1, MINUTE);
    log.runTo(24 * HOUR);
    expect(log.told).toHaveLength(1);
  });

  it("is told by the first message that still waits, and not when that is dropped", () => {
    const log = new PaceLog([aRoute("soc", { group_by: ["title"] })], [], HEARS);
    log.alert(1, 0);
    log.alert(2, 0, { title: "other" });
    log.update(1, SECOND, { status: "acknowledged" });
    close(log, 2, SECOND);
    log.runTo(24 * HOUR);
    expect(log.told).toEqual(["30s slack alert 1 first_notification"]);
  });

  it("is told of each alert of a digest, in the digest's order", () => {
    const log = new PaceLog([aRoute("soc", { group_by: ["title"] })], [], HEARS);
    log.alert(1, 0);
    log.alert(2, 0);
    close(log, 2, MINUTE);
    close(log, 1, MINUTE);
    log.runTo(24 * HOUR);
    expect(log.told).toEqual([
      "30s slack alert 1,2 group_digest",
      "60s slack update 2 status_changed",
      "60s slack update 1 status_changed",
    ]);
    expect([...log.ledger.values()].slice(2).map(({ thread }) => thread)).toEqual([
      "message:1",
      "message:1",
    ]);
  });

  it("is left to the update that keeps the message up to date", () => {
    const log = new PaceLog([aRoute("soc", { repeats: "update" })], [], HEARS);
    log.alert(1, 0);
    close(log, 1, MINUTE);
    log.runTo(24 * HOUR);
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "60s slack update 1 update_of_message",
    ]);
  });

  it("is left to the update that waits already, also for another alert of the digest", () => {
    const route = aRoute("soc", { repeats: "update", group_by: ["title"] });
    const log = new PaceLog([route], [], HEARS);
    log.alert(1, 0);
    log.alert(2, 0);
    log.repeat(1, MINUTE);
    close(log, 2, 2 * MINUTE);
    log.runTo(24 * HOUR);
    expect(log.told).toEqual([
      "30s slack alert 1,2 group_digest",
      "330s slack update 1 update_of_message",
    ]);
  });

  it("does not wait for a reminder, which it makes needless", () => {
    const log = new PaceLog([aRoute("soc", { repeats: "remind" })], [], HEARS);
    log.alert(1, 0);
    log.repeat(1, MINUTE);
    close(log, 1, 2 * MINUTE);
    log.runTo(24 * HOUR);
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "120s slack update 1 status_changed",
    ]);
  });

  it("is not told while the alert is muted, nor where nobody was told of it", () => {
    const silence = aSilence("S-1", { from: MINUTE, until: HOUR }, { at_end: "nothing" });
    const log = new PaceLog([aRoute("soc")], [silence], HEARS);
    log.alert(1, 0);
    log.alert(2, 2 * MINUTE);
    log.update(1, 2 * MINUTE, { status: "acknowledged" });
    log.runTo(2 * HOUR);
    expect(log.told).toHaveLength(1);
  });

  it("is the first that is told of an alert that had been muted when it came", () => {
    const silence = aSilence("S-1", { from: 0, until: MINUTE }, { at_end: "nothing" });
    const log = new PaceLog([aRoute("soc")], [silence], HEARS);
    log.alert(1, 0);
    log.update(1, HOUR, { status: "acknowledged" });
    expect(log.told).toEqual(["3600s slack alert 1 first_notification"]);
  });

  it("is not told by a shadow route", () => {
    const log = new PaceLog([aRoute("soc", { shadow: true })], [], HEARS);
    log.alert(1, 0);
    close(log, 1, MINUTE);
    expect(log.told).toEqual([]);
  });
});

describe("the updates of a status", () => {
  const known = (change: Partial<KnownDelivery>): KnownDelivery => {
    return { ...aDelivery("d"), carrier: null, ...change };
  };
  const plan = (...deliveries: KnownDelivery[]) =>
    planStatusUpdates({ position: 7 as Position, deliveries }, () => true);

  it.each([
    ["that is due", known({ state: "pending" }), 1],
    ["that was delivered", known({ state: "delivered" }), 1],
    ["in a digest", known({ state: "folded", carrier: 3 as Position }), 1],
    ["that waits", known({ state: "pending", hold: "group:g" }), 0],
    ["that a silence holds back", known({ state: "suppressed", hold: "silence:S-1" }), 0],
    ["that was suppressed", known({ state: "suppressed" }), 0],
    ["that is dead", known({ state: "dead" }), 0],
  ])("of a message %s", (_what, first, count) => {
    expect(plan(first)).toHaveLength(count);
  });

  it("go to the thread of the message, else to one of its own name", () => {
    const threads = [
      plan(known({ thread: "case:CASE-000001" })),
      plan(known({})),
      plan(known({ state: "folded", carrier: 3 as Position })),
    ].map(([update]) => update?.thread);
    expect(threads).toEqual(["case:CASE-000001", "message:7", "message:3"]);
  });

  it("are one for each destination, whatever was sent there before", () => {
    const muted = known({ state: "suppressed", reason: "silence" });
    const told = known({ state: "delivered", sequence: 1, route: "later" });
    const update = known({ kind: "update", state: "delivered", sequence: 4 });
    expect(plan(muted, told, update, known({ destination: "e" }))).toMatchObject([
      { destination: "d", route: "later", sequence: 5, kind: "update", state: "pending" },
      { destination: "e", route: "r", sequence: 1 },
    ]);
  });
});
