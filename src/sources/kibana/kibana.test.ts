import { describe, expect, it } from "vitest";
import { decodeKibana } from "./decode.ts";

describe("decodeKibana", () => {
  it("gives a per-alert action the same key when it is sent again, and another one next time", () => {
    const body = (date: string) => ({ rule: { name: "r" }, alert: { uuid: "a" }, date });
    const keys = [
      "2026-01-01T00:00:00.000Z",
      "2026-01-01T00:00:00.000Z",
      "2026-01-01T00:01:00.000Z",
    ].map((date) => decodeKibana(body(date)).events[0]?.key);
    expect(keys[0]).toBe("kibana:a/2026-01-01T00:00:00.000Z");
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("gives no such key to a document that has no identity, nor to a message without a time", () => {
    const around = { rule: { name: "r" }, alert: { uuid: "a" } };
    const hit = { ...around, date: "2026-01-01T00:00:00.000Z", context: { hits: [{ a: 1 }] } };
    expect(
      [hit, around].flatMap((body) => decodeKibana(body).events.map(({ key }) => key)),
    ).toEqual([null, null]);
  });
});
