import { expect, it } from "vitest";
import { completeAlert } from "../alert/complete.ts";
import { aContent } from "./testing/builders.ts";
import { happenedAt, isWithin } from "./time.ts";

const NOON = Date.parse("2026-03-04T12:00:00.000Z");
const timeOf = (event_time: string | null, detected_at: string | null) => {
  const content = aContent({ event_time, detected_at });
  return happenedAt(completeAlert(content, { position: 1, key: "k", receivedAt: NOON }));
};
const at = (minutes: number) => new Date(NOON + minutes * 60_000).toISOString();

it("an event happened at its own time, else when it was detected, else when it came", () => {
  expect(timeOf(at(-2), at(-1))).toBe(NOON - 120_000);
  expect(timeOf(null, at(-1))).toBe(NOON - 60_000);
  expect(timeOf(null, null)).toBe(NOON);
});

it("no event happened after it came, whatever its sender's clock says", () => {
  expect(timeOf(at(60), null)).toBe(NOON);
  expect(timeOf(null, at(60))).toBe(NOON);
});

it("a window reaches as far before a span as behind it, both edges included", () => {
  const inside = [99, 100, 150, 200, 250, 251].map((time) =>
    isWithin(time, { first: 150, last: 200 }, 50),
  );
  expect(inside).toEqual([false, true, true, true, true, false]);
});
