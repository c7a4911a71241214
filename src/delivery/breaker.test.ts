import { describe, expect, it } from "vitest";
import { Breaker } from "./breaker.ts";

const failTimes = (breaker: Breaker, times: number, now = 0) => {
  for (let n = 0; n < times; n += 1) breaker.fail(now);
};

describe("a breaker", () => {
  it("lets everything through until five failures in a row", () => {
    const breaker = new Breaker();
    failTimes(breaker, 4);
    breaker.succeed();
    failTimes(breaker, 4);
    expect(breaker.allowance(0)).toBe(Number.POSITIVE_INFINITY);
    expect(breaker.fail(0)).toBe(true);
    expect(breaker.allowance(0)).toBe(0);
  });

  it("knows when the failures began that opened it", () => {
    const breaker = new Breaker();
    breaker.fail(1000);
    breaker.succeed();
    for (const now of [2000, 3000, 4000, 5000, 6000, 40_000]) breaker.fail(now);
    expect([breaker.state, breaker.failingSince]).toEqual(["open", 2000]);
  });

  it("lets one probe through when its pause is over, and only one", () => {
    const breaker = new Breaker();
    failTimes(breaker, 5, 1000);
    expect(breaker.opensAt).toBe(31_000);
    expect(breaker.allowance(30_999)).toBe(0);
    expect(breaker.allowance(31_000)).toBe(1);
    breaker.begin();
    expect(breaker.allowance(31_000)).toBe(0);
  });

  it("does not wait for a clock that was set back", () => {
    const breaker = new Breaker();
    failTimes(breaker, 5, 1000);
    expect(breaker.allowance(1000)).toBe(0);
    expect(breaker.allowance(999)).toBe(1);
  });

  it("closes when the probe succeeds", () => {
    const breaker = new Breaker();
    failTimes(breaker, 5);
    breaker.begin();
    breaker.succeed();
    expect(breaker.state).toBe("closed");
    failTimes(breaker, 4);
    expect(breaker.state).toBe("closed");
  });

  it("pauses twice as long after every failed probe, up to ten minutes", () => {
    const breaker = new Breaker();
    failTimes(breaker, 5);
    const pauses = [];
    for (let probe = 0; probe < 6; probe += 1) {
      const at = breaker.opensAt ?? 0;
      breaker.begin();
      expect(breaker.fail(at)).toBe(false);
      pauses.push(((breaker.opensAt ?? 0) - at) / 1000);
    }
    expect(pauses).toEqual([60, 120, 240, 480, 600, 600]);
  });

  it("is not moved by tries that were out already when it opened", () => {
    const breaker = new Breaker();
    failTimes(breaker, 5, 0);
    breaker.fail(20_000);
    expect(breaker.opensAt).toBe(30_000);
  });
});
