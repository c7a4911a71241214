import { describe, expect, it } from "vitest";
import { clip, clipList, manyLines, oneLine } from "./text.ts";

describe("text for a terminal", () => {
  it("shows controls instead of obeying them", () => {
    expect(oneLine("a\u001b[31mb\u0007\u009b2J\u007f")).toBe("a␛[31mb␇\ufffd2J␡");
  });

  it("stays in one line and in its order", () => {
    expect(oneLine("a\r\nb\tc\u2028d\u202ee")).toBe("a b c\ufffdd\ufffde");
  });

  it("keeps line breaks where lines are wanted", () => {
    expect(manyLines("a\r\nb\rc\td\u001b")).toBe("a\nb\nc\td␛");
  });
});

describe("a clipped text", () => {
  const escape = (text: string) => text.replaceAll("<", "&lt;");

  it("is whole when it fits", () => {
    expect(clip("x".repeat(100), 100)).toBe("x".repeat(100));
  });

  it("says how many characters are missing, within its limit", () => {
    const text = clip("x".repeat(10_000), 100);
    const [, kept = "", missing = ""] = /^(x+)… ([\d,]+) characters more$/.exec(text) ?? [];
    expect(kept.length + Number(missing.replace(",", ""))).toBe(10_000);
    expect(text.length).toBeLessThanOrEqual(100);
    expect(missing).toContain(",");
  });

  it("measures what it becomes and cuts no escape and no character in half", () => {
    const text = clip("<😀".repeat(100), 101, escape);
    expect(text).toMatch(/^(&lt;😀)+(&lt;)?… \d+ characters more$/);
    expect(text.length).toBeLessThanOrEqual(101);
  });
});

it("a clipped list says how many are missing", () => {
  expect(clipList(["a", "b"], 2, String)).toEqual(["a", "b"]);
  expect(clipList([1, 2, 3, 4], 2, String)).toEqual(["1", "2", "… and 2 more"]);
});
