import { expect, it } from "vitest";
import { readDuration, writeDuration } from "./values.ts";

it.each(["0s", "250ms", "90s", "5m", "2h", "36h", "3d"])("%s is written as it was read", (text) => {
  expect(writeDuration(readDuration(text) ?? Number.NaN)).toBe(text);
});

it("a duration is written in the largest unit that loses nothing", () => {
  expect([60_000, 86_400_000, 86_401_000].map(writeDuration)).toEqual(["1m", "1d", "86401s"]);
});
