import { describe, expect, it } from "vitest";
import { openDocument } from "./document.ts";
import { hitsOf } from "./hits.ts";
import { identityOf } from "./identity.ts";

describe("openDocument", () => {
  it.each([
    ["flat", { "a.b.c": 1 }],
    ["nested", { a: { b: { c: 1 } } }],
    ["flat then nested", { "a.b": { c: 1 } }],
    ["nested then flat", { a: { "b.c": 1 } }],
    ["in an array of objects", { a: [{ b: { c: 1 } }] }],
    ["in the source of a hit", { _id: "x", _source: { "a.b": { c: [1] } } }],
    ["in the fields of a hit", { _id: "x", fields: { "a.b.c": [1] } }],
  ])("finds a field that is %s", (_form, raw) => {
    const document = openDocument(raw);
    expect(document.values("a.b.c")).toEqual([1]);
    expect(document.has("a.b.c")).toBe(true);
    expect(document.has("a.b.d")).toBe(false);
    expect(document.has("a.b.c.d")).toBe(false);
  });

  it("lets the flat key win over the nested one, and a value over null", () => {
    expect(
      openDocument({ event: { kind: "event" }, "event.kind": "signal" }).text("event.kind"),
    ).toBe("signal");
    expect(openDocument({ a: { b: 1 }, "a.b": null }).number("a.b")).toBe(1);
    expect(openDocument({ a: { b: 1 }, "a.b": [] }).number("a.b")).toBe(1);
  });

  it("finds a field beside another of the same head", () => {
    const raw = { "kibana.alert": { uuid: "u" }, kibana: { alert: { reason: "r" } } };
    expect(openDocument(raw).text("kibana.alert.uuid")).toBe("u");
    expect(openDocument(raw).text("kibana.alert.reason")).toBe("r");
  });

  it("asks the source of a hit first, then its fields, then the hit", () => {
    const raw = { _id: "1", _source: { a: 1 }, fields: { a: [2], b: [3] } };
    const document = openDocument(raw);
    expect([document.number("a"), document.number("b"), document.text("_id")]).toEqual([1, 3, "1"]);
  });

  it("fans out arrays and reads an element by its index", () => {
    const document = openDocument({ list: [{ ip: ["a", null, "b"] }, { ip: "c" }, {}] });
    expect(document.values("list.ip")).toEqual(["a", "b", "c"]);
    expect(document.values("list.1.ip")).toEqual(["c"]);
    expect(document.values("list.9.ip")).toEqual([]);
  });

  it("unwraps what templates make of a multi-field", () => {
    const raw = {
      user: { keyword: "bob" },
      "user.keyword": "bob",
      host: { keyword: "h", ip: "x" },
    };
    expect(openDocument(raw).text("user")).toBe("bob");
    expect(openDocument(raw).text("host")).toBeNull();
  });

  it("turns scalars into texts and numbers", () => {
    const document = openDocument({
      a: [" ", 7, true, " x\0 "],
      n: "73.5",
      word: "many",
      o: [{}, { k: 1 }],
    });
    expect(document.texts("a")).toEqual(["7", "true", "x"]);
    expect(document.text("a")).toBe("7");
    expect(document.number("n")).toBe(73.5);
    expect(document.number("word")).toBeNull();
    expect(document.first("missing", "o", "n")).toBe("73.5");
    expect(document.object("o")).toEqual({});
    expect(document.object("a")).toBeNull();
  });

  it("reads below a prefix only", () => {
    const document = openDocument({ a: 1, json: { a: 2 } }, "json");
    expect(document.number("a")).toBe(2);
    expect(openDocument({ a: 1 }, "json").has("a")).toBe(false);
  });

  it("does not see what every object inherits", () => {
    const document = openDocument(
      JSON.parse('{"a":{},"__proto__":{"x":1}}') as Record<string, unknown>,
    );
    for (const path of ["constructor", "a.toString", "a.__proto__"])
      expect(document.has(path)).toBe(false);
    expect(document.number("__proto__.x")).toBe(1);
  });
});

describe("identityOf", () => {
  it.each([
    [{ "kibana.alert.uuid": "u", _index: "i", _id: "d" }, "kibana.alert.uuid:u"],
    [
      { _index: "i", _id: "d", _source: { kibana: { alert: { uuid: "u" } } } },
      "kibana.alert.uuid:u",
    ],
    [{ _index: "i", _id: "d", fields: { "kibana.alert.uuid": ["u"] } }, "kibana.alert.uuid:u"],
    [
      { _index: ".siem-signals-x-000001", _id: "d", _source: { signal: {} } },
      "es:.siem-signals-x-000001/d",
    ],
    [{ _index: "", _id: "d" }, null],
    [{ _index: "i", _id: "esql_query_document" }, null],
    [{ _index: "esql_query_document", _id: "d" }, null],
    [{ _id: "d" }, null],
    [{}, null],
  ])("of %j is %j", (raw, key) => expect(identityOf(openDocument(raw))).toBe(key));

  it("stays bounded for an id that no Elasticsearch would store", () => {
    const key = identityOf(openDocument({ _index: "i", _id: "x".repeat(100_000) }));
    expect(key).toMatch(/^es:i\/[0-9a-f]{64}$/);
  });
});

describe("hitsOf", () => {
  it("opens a search response and its inner part, and nothing else", () => {
    expect(hitsOf({ hits: { hits: [1] } })).toEqual([1]);
    expect(hitsOf({ hits: [] })).toEqual([]);
    for (const value of [{}, { hits: 3 }, { hits: null }, { hits: { hits: {} } }])
      expect(hitsOf(value)).toBeNull();
  });
});
