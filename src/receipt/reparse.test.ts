import { describe, expect, it } from "vitest";
import { reparse } from "./reparse.ts";

describe("the items of a slot", () => {
  it.each([undefined, null, "", "  ", "[]", []])("are none for %j", (slot) => {
    expect(reparse(slot)).toEqual({ items: [], repaired: [], rejected: [] });
  });

  it.each([
    ["an array", [{ a: 1 }, { b: 2 }]],
    ["a JSON array", '[{"a":1},{"b":2}]'],
    ["objects with commas between them", '{"a":1},{"b":2}'],
    ["objects without anything between them", '{"a":1}{"b":2}'],
    ["lines", '{"a":1}\n{"b":2}'],
    ["strings that hold JSON", ['{"a":1}', '[{"b":2}]']],
    ["a JSON string in the string", JSON.stringify('[{"a":1},{"b":2}]')],
  ])("come from %s", (_, slot) => {
    expect(reparse(slot)).toEqual({ items: [{ a: 1 }, { b: 2 }], repaired: [], rejected: [] });
  });

  it("are the object itself where there is one", () => {
    expect(reparse({ a: "[1]" }).items).toEqual([{ a: "[1]" }]);
    expect(reparse('{"a":1}').items).toEqual([{ a: 1 }]);
  });

  it("are repaired like a body, and say so", () => {
    expect(reparse('[{"a":"C:\\Windows"},]')).toMatchObject({
      items: [{ a: "C:\\Windows" }],
      repaired: expect.arrayContaining(["invalid_escape", "extra_comma"]),
    });
  });

  it("leave scalars to the caller", () => {
    expect(reparse([1, "text", null]).items).toEqual([1, "text", null]);
  });

  it("do not hide what cannot be read", () => {
    const { items, rejected } = reparse(['{"a":1}', '{"b":']);
    expect(items).toEqual([{ a: 1 }]);
    expect(rejected.map((part) => Buffer.from(part.bytes).toString())).toEqual(['{"b":']);
    expect(reparse("[object Object]")).toMatchObject({ items: [], rejected: [{}] });
  });
});
