import { describe, expect, it } from "vitest";
import { editDistance, nearest, suggest } from "./nearest.ts";

describe("nearest", () => {
  it.each([
    ["mach", "match"],
    ["Match", "match"],
    ["contniue", "continue"],
    ["destination", "destinations"],
    ["slak", "slack"],
  ])("takes %s for %s", (text, meant) => {
    expect(nearest(text, ["match", "continue", "destinations", "slack", "to"])).toBe(meant);
  });

  it("does not take a different word for a misspelling", () => {
    expect(nearest("colour", ["match", "to"])).toBeUndefined();
    expect(nearest("at", ["in"])).toBeUndefined();
  });

  it("counts a swap of neighbours as one edit", () => {
    expect(editDistance("ab", "ba")).toBe(1);
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("", "abc")).toBe(3);
  });

  it("names all candidates when none is near", () => {
    expect(suggest("colour", ["match", "to"], "known keys")).toBe("known keys: match, to");
    expect(suggest("x", [], "destinations")).toBe("there are no destinations");
  });
});
