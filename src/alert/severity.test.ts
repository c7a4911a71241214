import { describe, expect, it } from "vitest";
import { readSeverity, severityId } from "./severity.ts";

describe("readSeverity", () => {
  it.each([
    ["High", "high"],
    [" CRITICAL ", "critical"],
    ["info", "informational"],
    ["warning", "medium"],
    ["minor", "low"],
    ["Major", "high"],
    ["error", "high"],
    ["fatal", "critical"],
    ["emergency", "critical"],
  ])("reads %j as %s", (word, severity) => expect(readSeverity(word)).toBe(severity));

  it.each([3, "3", "Sev1", "", null, undefined, {}, "constructor", "__proto__"])(
    "does not guess what %j means",
    (value) => expect(readSeverity(value)).toBe("unknown"),
  );

  it("lets a map decide before the common words, by text or number", () => {
    const map = { "1": "critical", warning: "low", P2: "high" } as const;
    expect(readSeverity(1, map)).toBe("critical");
    expect(readSeverity("Warning", map)).toBe("low");
    expect(readSeverity("P2", map)).toBe("high");
    expect(readSeverity("medium", map)).toBe("medium");
  });

  it("takes the first element of an array", () =>
    expect(readSeverity(["low", "high"])).toBe("low"));
});

it("sorts severities as OCSF does", () => {
  expect(severityId("unknown")).toBe(0);
  expect(severityId("critical")).toBe(5);
});
