import { describe, expect, it } from "vitest";
import type { DeliveryId } from "../outcome.ts";
import { aLimit, aRoute, aSilence, HOUR, MINUTE, SECOND } from "./testing/builders.ts";
import { PaceLog } from "./testing/log.ts";

const NIGHT = { from: 0, until: HOUR };
const stateOf = (log: PaceLog) =>
  [...log.ledger.values()].map(({ alert, state, reason, hold }) => [alert, state, reason, hold]);

describe("a silence", () => {
  it("suppresses what it fits, and says by which silence", () => {
    const log = new PaceLog([aRoute("soc")], [aSilence("S-1", NIGHT, { at_end: "nothing" })]);
    const { deliveries, changes } = log.alert(1, MINUTE);
    expect(deliveries).toMatchObject([{ state: "suppressed", cause: "S-1", hold: null }]);
    expect(changes.cells).toEqual([]);
    log.runTo(2 * HOUR);
    expect(log.told).toEqual([]);
  });

  it("that ends with a digest tells once of what it held, but not of what is closed", () => {
    const log = new PaceLog([aRoute("soc")], [aSilence("S-1", NIGHT)]);
    for (const position of [1, 2, 3]) log.alert(position, MINUTE);
    log.setStatus(2, 2 * MINUTE, "closed");
    log.runTo(HOUR);
    expect(log.told).toEqual(["3600s slack alert 1,3 silence_digest"]);
    expect(log.messages[0]?.cause).toBe("S-1");
    expect(stateOf(log)[1]).toEqual([2, "suppressed", "closed_meanwhile", null]);
  });

  it("leaves to another silence what that still holds", () => {
    const other = aSilence("S-2", { from: MINUTE, until: 3 * HOUR }, { match: "title: b" });
    const quiet = aSilence(
      "S-3",
      { from: MINUTE, until: 3 * HOUR },
      { match: "title: c", at_end: "nothing" },
    );
    const log = new PaceLog([aRoute("soc")], [aSilence("S-1", NIGHT), other, quiet]);
    for (const [index, title] of ["a", "b", "c"].entries()) log.alert(index + 1, 0, { title });
    log.runTo(HOUR);
    expect(log.told).toEqual(["3600s slack alert 1 first_notification"]);
    expect(stateOf(log).slice(1)).toEqual([
      [2, "suppressed", "silence", "silence:S-2"],
      [3, "suppressed", "silence", null],
    ]);
    log.runTo(3 * HOUR);
    expect(log.told[1]).toBe("10800s slack alert 2 first_notification");
  });

  it.each(["none", "remind", "update"] as const)(
    "does not hold back what does not fit any more: it is told of when it goes on (%s)",
    (repeats) => {
      const minor = aSilence("S-1", { from: 0, until: 5 * HOUR }, { match: "severity < critical" });
      const log = new PaceLog([aRoute("soc", { repeats })], [minor]);
      log.alert(1, 0, { severity: "low" });
      log.repeat(1, MINUTE, { severity: "medium" });
      log.repeat(1, 2 * MINUTE, { severity: "critical" });
      log.runTo(9 * HOUR);
      expect(log.told).toEqual(["120s slack alert 1 first_notification"]);
      expect(stateOf(log)).toEqual([
        [1, "suppressed", "silence", null],
        [1, "sent", "first_notification", null],
      ]);
      expect(log.ledger.get(1 as DeliveryId)?.cause).toBe("S-1");
    },
  );

  it("holds nothing up that happens to such an alert later", () => {
    const minor = aSilence("S-1", { from: 0, until: 9 * HOUR }, { match: "severity < critical" });
    const log = new PaceLog([aRoute("soc", { repeats: "remind" })], [minor]);
    log.alert(1, 0, { severity: "low" });
    log.repeat(1, MINUTE, { severity: "critical" });
    log.repeat(1, 5 * HOUR, { severity: "critical" });
    log.runTo(24 * HOUR);
    expect(log.told).toEqual([
      "60s slack alert 1 first_notification",
      "18000s slack reminder 1 reminder_due",
    ]);
  });

  it("that was made longer holds on until its new end", () => {
    const log = new PaceLog([aRoute("soc")], [aSilence("S-1", NIGHT)]);
    log.alert(1, 0);
    log.silences = [aSilence("S-1", { from: 0, until: 2 * HOUR })];
    log.runTo(3 * HOUR);
    expect(log.told).toEqual(["7200s slack alert 1 first_notification"]);
  });

  it("without an end waits for somebody to end it", () => {
    const log = new PaceLog([aRoute("soc")], [aSilence("S-1", { from: 0, until: Infinity })]);
    log.alert(1, 0);
    log.runTo(100 * HOUR);
    expect(log.told).toEqual([]);
    log.endSilences(101 * HOUR);
    expect(log.told).toEqual(["363600s slack alert 1 first_notification"]);
  });

  it("gives its digest to the limit of each route", () => {
    const routes = [
      aRoute("soc", { continue: true, limit: aLimit(1) }),
      aRoute("mail", { to: ["mail"] }),
    ];
    const log = new PaceLog(routes, [aSilence("S-1", NIGHT)]);
    for (const position of [1, 2]) log.alert(position, 0);
    log.silences = [aSilence("S-1", NIGHT, { match: "title: none" })];
    log.alert(3, HOUR - SECOND);
    log.runTo(HOUR);
    expect(log.told).toEqual([
      "3599s slack alert 3 first_notification",
      "3599s mail alert 3 first_notification",
      "3600s mail alert 1,2 silence_digest",
    ]);
    log.runTo(2 * HOUR);
    expect(log.told[3]).toBe("3660s slack alert 1,2 limit_digest");
  });
});
