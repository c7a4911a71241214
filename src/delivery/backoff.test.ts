import { describe, expect, it } from "vitest";
import { retryPause } from "./backoff.ts";

describe("the pause before the next try", () => {
  it("grows from 5 s over 30 s, 2 m, 10 m and 30 m to an hour, and stays there", () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => retryPause(failures, 0.5) / 1000);
    expect(pauses).toEqual([5, 30, 120, 600, 1800, 3600, 3600, 3600]);
  });

  it("is moved by a fifth at most", () => {
    expect(retryPause(1, 0)).toBe(4000);
    expect(retryPause(1, 1)).toBe(6000);
  });

  it("is never shorter than what the peer asked for", () => {
    expect(retryPause(1, 0.5, 60_000)).toBe(60_000);
    expect(retryPause(3, 0.5, 1000)).toBe(120_000);
  });
});
