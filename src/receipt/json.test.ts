import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical.ts";
import { isDeeperThan } from "./json.ts";
import type { JsonValue } from "./json.ts";

describe("isDeeperThan", () => {
  it.each([
    [1, 0, false],
    [{}, 0, true],
    [{}, 1, false],
    [{ a: [1] }, 1, true],
    [{ a: [1], b: null }, 2, false],
    [[[], [[]]], 2, true],
  ] as [JsonValue, number, boolean][])("of %j and %i is %s", (value, limit, deeper) => {
    expect(isDeeperThan(value, limit)).toBe(deeper);
  });
});

describe("canonicalJson", () => {
  it("does not depend on the order of members", () => {
    const one: JsonValue = { b: [1, { d: "x", c: null }], a: true };
    const other: JsonValue = { a: true, b: [1, { c: null, d: "x" }] };
    expect(canonicalJson(one)).toBe('{"a":true,"b":[1,{"c":null,"d":"x"}]}');
    expect(canonicalJson(other)).toBe(canonicalJson(one));
  });

  it("depends on the order of elements, on types and on a member called __proto__", () => {
    const texts = ["[1,2]", "[2,1]", '["1",2]', "{}", '{"__proto__":{}}', '{"__proto__":null}'];
    const canonical = texts.map((text) => canonicalJson(JSON.parse(text)));
    expect(canonical).toEqual(texts);
  });
});
