import { describe, expect, it } from "vitest";
import { recordOf } from "./index.ts";

describe("a plain object as a record", () => {
  it("finds a field in flat, nested and mixed keys", () => {
    const shapes = [
      { "a.b.c": 1 },
      { a: { b: { c: 1 } } },
      { "a.b": { c: 1 } },
      { a: { "b.c": 1 } },
      { a: [{ b: [{ c: [[1]] }] }] },
    ];
    for (const shape of shapes) {
      expect(recordOf(shape).values("a.b.c")).toEqual([1]);
      expect(recordOf(shape).fields()).toEqual(["a.b.c"]);
    }
  });

  it("gives the values of every shape at once", () => {
    const record = recordOf({ a: { b: 1 }, "a.b": [2, 3] });
    expect(record.values("a.b")).toEqual([2, 3, 1]);
    expect(record.fields()).toEqual(["a.b"]);
  });

  it("fans out arrays of objects", () => {
    const record = recordOf({ a: [{ v: 1 }, { v: [2, 3] }, {}, { v: null }] });
    expect(record.values("a.v")).toEqual([1, 2, 3]);
  });

  it("takes null and undefined for absent, and empty text, zero and false for values", () => {
    const record = recordOf({ a: null, b: undefined, c: [null, ""], d: 0, e: false, f: [] });
    expect(record.fields()).toEqual(["c", "d", "e"]);
    expect(record.values("a")).toEqual([]);
    expect(record.values("c")).toEqual([""]);
  });

  it("has objects as elements and not as values", () => {
    const record = recordOf({ a: { b: 1 }, t: new Date(0) });
    expect(record.values("a")).toEqual([]);
    expect(record.elements("a").map((element) => element.values("b"))).toEqual([[1]]);
    expect(record.values("t")).toEqual([new Date(0)]);
    expect(record.elements("t")).toEqual([]);
  });

  it("takes flat keys below a path for one element", () => {
    const record = recordOf({ x: { "a.b.c": 1, "a.b.d": 2, "a.bc": 3 } });
    const [element, ...others] = record.elements("x.a.b");
    expect(others).toEqual([]);
    expect(element?.fields()).toEqual(["c", "d"]);
    expect(element?.values("d")).toEqual([2]);
  });

  it("sees only own properties", () => {
    const record = recordOf(JSON.parse('{"__proto__": {"x": 1}, "a": {}}'));
    expect(record.values("constructor.name")).toEqual([]);
    expect(record.values("a.toString")).toEqual([]);
    expect(record.values("__proto__.x")).toEqual([1]);
  });

  it("is empty for what is no object", () => {
    for (const value of [undefined, null, 5, "text", [{ a: 1 }]]) {
      expect(recordOf(value).fields()).toEqual([]);
      expect(recordOf(value).values("a")).toEqual([]);
      expect(recordOf(value).elements("a")).toEqual([]);
    }
  });
});
