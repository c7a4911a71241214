import { describe, expect, it } from "vitest";
import { compileGlob } from "./wildcard.ts";

describe("a wildcard pattern", () => {
  const table: [parts: string[], text: string, fits: boolean][] = [
    [["", ""], "", true],
    [["a", ""], "a", true],
    [["a", ""], "ba", false],
    [["", "a"], "ba", true],
    [["a", "a"], "a", false],
    [["a", "a"], "aa", true],
    [["ab", "bc"], "abc", false],
    [["a", "b", "c"], "a-b-c", true],
    [["a", "b", "c"], "a-c", false],
    [["a", "bc", "c"], "abc", false],
    [["a", "bc", "c"], "abcc", true],
    [["", "a", "a", ""], "a", false],
    [["", "ab", "ab", "b"], "ababb", true],
    [["", "x", ""], "a\nx\nb", true],
  ];
  it.each(table)("%j on %j is %s", (parts, text, fits) => {
    expect(compileGlob(parts)(text)).toBe(fits);
  });

  it("takes no longer for a text made to backtrack", () => {
    const fits = compileGlob(["", ..."a".repeat(200).split(""), "b"]);
    const started = performance.now();
    expect(fits("a".repeat(100_000))).toBe(false);
    expect(fits(`${"a".repeat(100_000)}cb`)).toBe(true);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
