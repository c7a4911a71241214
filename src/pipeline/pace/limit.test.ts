import { describe, expect, it } from "vitest";
import { aLimit, aRoute, exempt, MINUTE, SECOND } from "./testing/builders.ts";
import { PaceLog } from "./testing/log.ts";

const limited = (limit = aLimit(2)) => new PaceLog([aRoute("soc", { limit })]);

describe("a limit", () => {
  it("lets so many out at once, and tells of the rest in one digest a while later", () => {
    const log = limited();
    for (const position of [1, 2, 3, 4, 5]) log.alert(position, position * SECOND);
    log.runTo(10 * MINUTE);
    expect(log.told).toEqual([
      "1s slack alert 1 first_notification",
      "2s slack alert 2 first_notification",
      "63s slack alert 3,4,5 limit_digest",
    ]);
    expect(log.messages[2]?.cause).toBe("soc");
  });

  it("tells of what is over it once for each span while the flood goes on", () => {
    const log = limited();
    for (let second = 0; second < 300; second += 1) log.alert(second + 1, second * SECOND);
    log.runTo(10 * MINUTE);
    const digests = log.messages.filter(({ reason }) => reason === "limit_digest");
    expect(digests.map(({ at }) => at / SECOND)).toEqual([62, 123, 184, 245, 306]);
    expect(log.messages.flatMap(({ alerts }) => alerts).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
  });

  it("gains tokens with the log's time, one by one", () => {
    const log = limited();
    for (const at of [0, 0, 30, 60, 90]) log.alert(log.ledger.size + 1, at * SECOND);
    expect(log.told).toHaveLength(5);
  });

  it("takes nothing back when the log's time steps back, and gives nothing twice", () => {
    const log = limited();
    log.alert(1, 30 * SECOND);
    log.alert(2, 0);
    log.alert(3, 30 * SECOND);
    log.runTo(10 * MINUTE);
    expect(log.told).toEqual([
      "30s slack alert 1 first_notification",
      "0s slack alert 2 first_notification",
      "90s slack alert 3 first_notification",
    ]);
  });

  it("counts each value by itself, and what has none together", () => {
    const log = limited(aLimit(1, { by: ["tags"] }));
    log.alert(1, 0, { tags: ["a"] });
    log.alert(2, 0, { tags: ["b"] });
    log.alert(3, 0, { tags: ["b"] });
    log.alert(4, 0);
    log.alert(5, 0);
    log.runTo(MINUTE);
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "0s slack alert 2 first_notification",
      "0s slack alert 4 first_notification",
      "60s slack alert 5 first_notification",
      "60s slack alert 3 first_notification",
    ]);
  });

  it("does not hold what is exempt, which takes no token either", () => {
    const log = limited(aLimit(1, { except: exempt("severity: critical") }));
    log.alert(1, 0, { severity: "critical" });
    log.alert(2, 0, { severity: "low" });
    log.alert(3, 0, { severity: "low" });
    log.alert(4, 0, { severity: "critical" });
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "0s slack alert 2 first_notification",
      "0s slack alert 4 first_notification",
    ]);
  });

  it("counts a message once, to however many destinations it goes", () => {
    const log = new PaceLog([aRoute("soc", { to: ["slack", "mail"], limit: aLimit(1) })]);
    log.alert(1, 0);
    log.alert(2, 0);
    log.alert(3, 0);
    log.runTo(MINUTE);
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "0s mail alert 1 first_notification",
      "60s slack alert 2,3 limit_digest",
      "60s mail alert 2,3 limit_digest",
    ]);
  });

  it("counts a group once, and makes it wait as one", () => {
    const log = new PaceLog([aRoute("soc", { group_by: ["title"], limit: aLimit(1) })]);
    for (const position of [1, 2]) log.alert(position, 0, { title: "one" });
    for (const position of [3, 4]) log.alert(position, SECOND, { title: "two" });
    log.runTo(10 * MINUTE);
    expect(log.told).toEqual([
      "30s slack alert 1,2 group_digest",
      "91s slack alert 3,4 limit_digest",
    ]);
  });

  it("lets a group out in which one alert is exempt", () => {
    const limit = aLimit(1, { except: exempt("severity: critical") });
    const log = new PaceLog([aRoute("soc", { group_by: ["title"], limit })]);
    log.alert(1, 0, { title: "one" });
    log.alert(2, 0, { title: "two" });
    log.alert(3, 0, { title: "two", severity: "critical" });
    log.runTo(30 * SECOND);
    expect(log.told).toEqual([
      "30s slack alert 1 first_notification",
      "30s slack alert 2,3 group_digest",
    ]);
  });

  it("does not tell of what was closed meanwhile, and then keeps its token", () => {
    const log = limited(aLimit(1));
    log.alert(1, 0);
    log.alert(2, SECOND);
    log.setStatus(2, 2 * SECOND, "closed");
    log.alert(3, 61 * SECOND);
    log.runTo(10 * MINUTE);
    expect(log.told).toEqual([
      "0s slack alert 1 first_notification",
      "61s slack alert 3 first_notification",
    ]);
  });
});
