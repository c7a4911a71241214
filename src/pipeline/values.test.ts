import { describe, expect, it } from "vitest";
import { recordOf } from "../kql/index.ts";
import { combinations, joinedKey, valuesOf } from "./values.ts";

const keyOf = (document: object, ...fields: string[]) => joinedKey(recordOf(document), fields);

describe("values of a field", () => {
  it("are texts, each once without regard to case, blanks left out", () => {
    const record = recordOf({ a: ["Web", "web", " ", "", 1, "1", true, null, { b: "x" }, "z\0"] });
    expect(valuesOf(record, "a")).toEqual(["Web", "1", "true", "z"]);
    expect(valuesOf(record, "b")).toEqual([]);
  });

  it("are what a database gives back: no half of a surrogate pair", () =>
    expect(valuesOf(recordOf({ a: "x\ud83d" }), "a")).toEqual(["x\ufffd"]));
});

describe("a joined key", () => {
  it("is the same for values that are equal to KQL, in any order", () => {
    const key = keyOf({ host: ["WEB-02", "web-01"], user: "Ann" }, "host", "user");
    expect(keyOf({ user: "ann", host: ["web-01", "web-02", "Web-01"] }, "host", "user")).toBe(key);
    expect(keyOf({ user: "ann", host: ["web-01"] }, "host", "user")).not.toBe(key);
  });

  it("cannot be made with other values: neither over fields nor within one", () => {
    const fields = ["a", "b"];
    const documents = [
      { a: "x", b: "y" },
      { a: "x|y" },
      { a: ["x", "y"] },
      { b: ["x", "y"] },
      { a: "x\\|y" },
      { a: "x\\", b: "|y" },
      { a: ["x\\", "y"] },
    ];
    const keys = documents.map((document) => keyOf(document, ...fields));
    expect(new Set(keys).size).toBe(documents.length);
  });

  it("needs one value at least", () => {
    expect(keyOf({ a: "x" }, "a", "b")).toBe("x|");
    expect(keyOf({ a: "" }, "a", "b")).toBeNull();
    expect(keyOf({ a: "x" })).toBeNull();
  });

  it("is bounded, and still tells long values apart", () => {
    const long = "x".repeat(300);
    expect(keyOf({ a: "x".repeat(200) }, "a")).toHaveLength(200);
    expect(keyOf({ a: long }, "a")).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf({ a: long }, "a")).not.toBe(keyOf({ a: `${long}x` }, "a"));
  });
});

describe("combinations", () => {
  it("are one value for each field, as written, with keys that ignore case", () => {
    const record = recordOf({ a: ["X", "y"], b: ["1", "2"] });
    const found = combinations(record, ["a", "b"]);
    expect(found.map(({ values }) => `${values["a"]}${values["b"]}`)).toEqual([
      "X1",
      "X2",
      "y1",
      "y2",
    ]);
    expect(found.map(({ key }) => key)).toEqual(["x|1", "x|2", "y|1", "y|2"]);
    expect(found[0]?.key).toBe(keyOf({ a: "x", b: 1 }, "a", "b"));
  });

  it("are none when a field has no value, and one when there are no fields", () => {
    expect(combinations(recordOf({ a: "x" }), ["a", "b"])).toEqual([]);
    expect(combinations(recordOf({ a: "x" }), [])).toEqual([{ key: "", values: {} }]);
  });

  it("are at most as many as asked for, whatever the number of values", () => {
    const many = Array.from({ length: 1000 }, (_, index) => String(index));
    const record = recordOf({ a: many, b: many, c: many, d: [] });
    expect(combinations(record, ["a", "b", "c"])).toHaveLength(16);
    expect(combinations(record, ["a"], 3).map(({ key }) => key)).toEqual(["0", "1", "2"]);
    expect(combinations(record, ["a", "d"])).toEqual([]);
  });
});
