import { describe, expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

describe("a token bucket", () => {
  it("gives its burst at once and then one token at a time", () => {
    const bucket = new TokenBucket({ max: 2, per: 1000 }, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 500]);
    expect([bucket.take(499), bucket.take(500), bucket.take(500)]).toEqual([1, 0, 500]);
  });

  it("never holds more than its burst", () => {
    const bucket = new TokenBucket({ max: 2, per: 1000 }, 0);
    expect(bucket.isFull(0)).toBe(true);
    const taken = [1, 2, 3].map(() => bucket.take(1_000_000));
    expect(taken).toEqual([0, 0, 500]);
  });

  it("loses nothing when the clock is set back", () => {
    const bucket = new TokenBucket({ max: 1, per: 1000 }, 10_000);
    expect(bucket.take(10_000)).toBe(0);
    expect(bucket.take(5000)).toBe(1000);
    expect(bucket.take(6000)).toBe(0);
  });
});
