import { describe, expect, it } from "vitest";
import { elasticActionsSource, feedSettings } from "./index.ts";

const { config } = elasticActionsSource;

describe("what elastic-actions reads", () => {
  it("follows from the cluster alone", () => {
    expect(feedSettings(config.parse({ cluster: "lab" }))).toEqual({
      cluster: "lab",
      index: "siem-alert",
      size: 1000,
      overlap: 600_000,
      settle: 5000,
      startTime: null,
      consume: "keep",
      timeless: true,
      tracks: [{ name: "created", field: "@timestamp" }],
      filter: [],
      identityFields: null,
    });
  });

  it.each([
    ["2026-03-01T00:00:00Z", { kind: "at", time: Date.UTC(2026, 2, 1) }],
    ["2026-03-01T01:00:00.5+01:00", { kind: "at", time: Date.UTC(2026, 2, 1) + 500 }],
    ["24h", { kind: "ago", duration: 86_400_000 }],
  ])("begins at %s", (start_time, startTime) => {
    expect(feedSettings(config.parse({ cluster: "lab", start_time }))).toMatchObject({ startTime });
  });

  it.each(["1767225600", "2026-03-01", "tomorrow", ""])("does not begin at %j", (start_time) => {
    expect(config.safeParse({ cluster: "lab", start_time }).success).toBe(false);
  });

  it.each(["a/b", "a b", "a?pretty", "a#b", "A", ""])("does not read the index %j", (index) => {
    expect(config.safeParse({ cluster: "lab", index }).success).toBe(false);
    expect(config.safeParse({ cluster: "lab", index: ".a-*,far:b_1" }).success).toBe(true);
  });
});
