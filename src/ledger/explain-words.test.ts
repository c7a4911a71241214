import { expect, test } from "vitest";
import { cellKey, holdOf, type CellStage } from "../pipeline/state.ts";
import { say, sayDuration, sayHold, sayTime } from "./explain-words.ts";

test.each([
  [0, "0s"],
  [500, "500ms"],
  [90_000, "1m 30s"],
  [3_600_000, "1h"],
  [90_061_001, "1d 1h"],
  ["soon", "soon"],
])("a span of %j is %j", (milliseconds, text) => {
  expect(sayDuration(milliseconds)).toBe(text);
});

test.each<[CellStage, string, string]>([
  ["group", cellKey("soc", cellKey(cellKey("failed login"))), "group soc · failed login"],
  [
    "group",
    cellKey("soc", cellKey(cellKey("a|b", "c\\d"), cellKey("web-01"))),
    "group soc · a|b, c\\d · web-01",
  ],
  ["group", cellKey("a|b", cellKey(cellKey(), cellKey("x"))), "group a|b · x"],
  ["group", cellKey("soc", "0".repeat(64)), "group soc"],
  ["limit", cellKey("soc", ""), "limit of route soc"],
  ["hours", "soc", "hours of route soc"],
  ["remind", cellKey("soc", "alert", "7"), "reminders of route soc"],
  ["update", cellKey("soc", "7", "chat"), "updates of route soc"],
  ["silence", "S-12", "silence S-12"],
])("what waits for %s:%s waits for %j", (stage, key, text) => {
  expect(sayHold(holdOf({ stage, key }))).toBe(text);
});

test("values become one short line, whatever is in them", () => {
  expect(say({ name: ["a", 1, null], on: true })).toBe("name a, 1, nothing, on true");
  expect(say("a\u001b[2J\nb\u202e")).toBe("a [2J b");
  expect(say("x".repeat(900))).toHaveLength(200);
  expect(sayTime("2026-05-04T12:00:00.500Z")).toBe("2026-05-04 12:00:00Z");
  expect(sayTime("never")).toBe("never");
  expect(sayTime(null)).toBe("nothing");
});
