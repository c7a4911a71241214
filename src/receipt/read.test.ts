import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { TocsinError } from "../errors.ts";
import { readBody } from "./read.ts";
import type { ReadOptions } from "./read.ts";

function read(body: string | Uint8Array, options?: ReadOptions) {
  return readBody(typeof body === "string" ? Buffer.from(body) : body, options);
}

/** Values, repairs and rejected texts of a body that has documents. */
function readAll(body: string | Uint8Array, options?: ReadOptions) {
  const result = read(body, options);
  if (result.kind !== "documents") throw new Error(JSON.stringify(result));
  const { repaired, plain } = result;
  const values = result.documents.map((document) => document.value);
  const rejected = result.rejected.map((part) => Buffer.from(part.bytes).toString());
  return { values, rejected, repaired, plain };
}

function limitOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error instanceof TocsinError ? { code: error.code, ...error.data } : error;
  }
  return "no limit";
}

describe("a plain body", () => {
  it("is one document and says so", () => {
    expect(readAll(' {"a":[1,{"b":null}]}\n')).toEqual({
      values: [{ a: [1, { b: null }] }],
      rejected: [],
      repaired: [],
      plain: true,
    });
  });

  it("is plain whatever the content type says", () => {
    const contentType = "application/x-www-form-urlencoded";
    expect(readAll('{"a":"b&c=%41"}', { contentType })).toMatchObject({
      values: [{ a: "b&c=%41" }],
      plain: true,
    });
  });

  it("keeps U+0000 and lone surrogates in strings", () => {
    expect(readAll('{"a":"x\\u0000y\\ud800"}').values).toEqual([{ a: "x\u0000y\ud800" }]);
  });

  it.each(["", " \r\n\t", "\ufeff"])("without content (%j) is empty", (body) => {
    expect(read(body)).toEqual({ kind: "empty" });
  });
});

describe("unpacking", () => {
  const json = '{"name":"gruß"}';

  it("recognises gzip by its bytes", () => {
    expect(readAll(gzipSync(json))).toMatchObject({ values: [{ name: "gruß" }], plain: false });
  });

  it("refuses gzip that is cut off", () => {
    const cut = gzipSync(json).subarray(0, 20);
    expect(read(cut)).toMatchObject({ kind: "unreadable", reason: "unreadable" });
    expect(read(cut)).toMatchObject({ detail: expect.stringMatching(/^gzip: /) });
  });

  it("stops unpacking at the limit", () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 ** 2));
    expect(limitOf(() => read(bomb))).toEqual({
      code: "LIMIT_EXCEEDED",
      limit: "unpacked_bytes",
      value: 64 * 1024 ** 2,
    });
  });

  it("takes off a byte-order mark", () => {
    expect(readAll(`\ufeff${json}`)).toMatchObject({ values: [{ name: "gruß" }], plain: false });
    expect(readAll(Buffer.from(`\ufeff${json}`, "utf16le")).values).toEqual([{ name: "gruß" }]);
    const bigEndian = Buffer.from(`\ufeff${json}`, "utf16le").swap16();
    expect(readAll(bigEndian).values).toEqual([{ name: "gruß" }]);
  });

  it("reads the charset of the content type, else marks what is not UTF-8", () => {
    const latin = Buffer.from(json, "latin1");
    const contentType = "application/json; charset=ISO-8859-1";
    expect(readAll(latin, { contentType })).toMatchObject({
      values: [{ name: "gruß" }],
      repaired: [],
      plain: false,
    });
    expect(readAll(latin)).toMatchObject({
      values: [{ name: "gru\ufffd" }],
      repaired: ["invalid_utf8"],
      plain: false,
    });
  });
});

describe("a form", () => {
  const json = '{"a":"1+1 = 2 & more"}';
  const encoded = encodeURIComponent(json);

  it.each([
    ["a payload field", `payload=${encoded}`],
    ["the whole body encoded", encoded],
    ["the whole body encoded as a name", `${encoded}=`],
    ["plus signs for spaces", `data=${encoded.replaceAll("%20", "+")}`],
    ["a field that was not encoded", `payload=${json}`],
  ])("is read with %s", (_, body) => {
    expect(readAll(body)).toMatchObject({
      values: [{ a: "1+1 = 2 & more" }],
      repaired: [],
      plain: false,
    });
  });

  it("says when fields were left out", () => {
    expect(readAll(`token=abc&payload=${encoded}`)).toMatchObject({
      values: [{ a: "1+1 = 2 & more" }],
      repaired: ["form_fields_ignored"],
    });
  });

  it("without JSON is unreadable", () => {
    expect(read("text=hello&user=bob")).toMatchObject({ kind: "unreadable" });
  });
});

describe("several documents", () => {
  it.each([
    ["an array", '[{"a":1},{"b":2}]'],
    ["lines", '{"a":1}\n\n{"b":2}\r\n'],
    ["one after the other", '{"a":1}{"b":2}'],
    ["commas between", '{"a":1}, {"b":2},'],
    ["record separators", '\u001e{"a":1}\n\u001e{"b":2}\n'],
    ["an array and an object", '[{"a":1}]{"b":2}'],
    ["several lines each", '{\n  "a": 1\n}\n{\n  "b": 2\n}'],
    ["lines of arrays", '[{"a":1}]\n[{"b":2}]'],
    ["a string that holds JSON", JSON.stringify('{"a":1}\n{"b":2}')],
    ["strings in an array", JSON.stringify(['{"a":1}', '{"b":2}'])],
  ])("come from %s without a repair", (_, body) => {
    expect(readAll(body)).toEqual({
      values: [{ a: 1 }, { b: 2 }],
      rejected: [],
      repaired: [],
      plain: false,
    });
  });

  it("keep repairs to themselves", () => {
    const result = read('{"a":1}{"b":2,}');
    expect(result).toMatchObject({
      documents: [{ repaired: [] }, { repaired: ["extra_comma"] }],
      repaired: ["extra_comma"],
    });
  });

  it("include scalars, which are for the caller to judge", () => {
    expect(readAll('[1,"two",null,[3]]').values).toEqual([1, "two", null, [3]]);
  });

  it("of an empty array are none", () => {
    expect(readAll("[]")).toEqual({ values: [], rejected: [], repaired: [], plain: false });
  });
});

describe("a partly readable body", () => {
  it.each([
    ["a line in the middle", '{"a":1}\nwhat?\n{"b":2}', [{ a: 1 }, { b: 2 }], ["what?\n"]],
    ["an open string", '{"a":"x\n{"b":2}\n{"c":3}', [{ b: 2 }, { c: 3 }], ['{"a":"x\n']],
    ["an open object", '{"a":\n{"b":2}\n{"c":3}', [{ b: 2 }, { c: 3 }], ['{"a":\n']],
    ["a last line that is cut", '{"a":1}\n{"b":[2', [{ a: 1 }], ['{"b":[2']],
    ["an open string before strings", '{"a":"x\n{"b":"y"}\n', [{ b: "y" }], ['{"a":"x\n']],
    ["a last line of text", '{"a":"b"}\nbye', [{ a: "b" }], ["bye"]],
    ["text behind", '{"a":1} bye', [{ a: 1 }], ["bye"]],
    [
      "an array's element",
      '[{"a":1},\n{"b":,,[},\n{"c":3}\n]',
      [{ a: 1 }, { c: 3 }],
      ['{"b":,,[},\n'],
    ],
  ])("gives the rest when %s is not readable", (_, body, values, rejected) => {
    expect(readAll(body)).toMatchObject({ values, rejected });
  });

  it("names the place and the reason of a rejected part", () => {
    expect(read('{"a":1}\n{"b" 2}')).toMatchObject({
      rejected: [{ reason: "unreadable", detail: "at character 9: a string is not closed" }],
    });
  });

  it.each(["hello", "<html></html>", '{"a":', '{"a":"b', "{a:1}", "\u0000"])(
    "with nothing readable (%j) is unreadable",
    (body) => {
      expect(read(body)).toMatchObject({ kind: "unreadable", reason: "unreadable" });
    },
  );
});

describe("limits", () => {
  it("bound the bytes on the wire", () => {
    const limits = { wireBytes: 10 };
    expect(limitOf(() => read('{"a": 12345}', { limits }))).toEqual({
      code: "LIMIT_EXCEEDED",
      limit: "wire_bytes",
      value: 10,
    });
    expect(limitOf(() => read('{"a":1234}', { limits }))).toBe("no limit");
  });

  it.each([
    ["an array", "[{},{},{}]"],
    ["lines", "{}\n{}\n{}"],
    ["documents one after the other", "{}{}{}"],
    ["readable and unreadable parts", "{}\nx\n{}\ny\n{}\n"],
    ["forms", "a=%7B%7D&a=%7B%7D&a=%7B%7D"],
  ])("bound the events of %s", (_, body) => {
    const exceeded = { code: "LIMIT_EXCEEDED", limit: "events", value: 2 };
    expect(limitOf(() => read(body, { limits: { events: 2 } }))).toEqual(exceeded);
    expect(limitOf(() => read(body, { limits: { events: 5 } }))).toBe("no limit");
  });

  const nest = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

  it("allow 64 containers in each other and not 65", () => {
    expect(read(nest(64))).toMatchObject({ kind: "documents" });
    expect(read(nest(65))).toMatchObject({ kind: "unreadable", reason: "too_deep" });
    expect(read(`[${nest(64)}]`)).toMatchObject({ kind: "documents" });
    expect(read(`[${nest(64)},]`)).toMatchObject({ kind: "documents" });
    expect(read(`[${nest(65)}]`)).toMatchObject({ kind: "unreadable", reason: "too_deep" });
  });

  it("reject only the line that is too deep", () => {
    expect(readAll(`{"b":1}\n${nest(65)}\n{"c":1}`)).toMatchObject({
      values: [{ b: 1 }, { c: 1 }],
      rejected: [`${nest(65)}\n`],
    });
  });

  it.each(["[", '{"a":', '[{"a":['])("stand a million of %j", (token) => {
    const body = token.repeat(1_000_000);
    expect(read(body)).toMatchObject({ kind: "unreadable", reason: "too_deep" });
  });
});

describe("names that mean something to JavaScript", () => {
  it.each(["", ","])("are members like any other (repair: %j)", (comma) => {
    const [value] = readAll(`{"__proto__":{"polluted":1},"constructor":2${comma}}`).values;
    expect(Object.keys(value ?? {})).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });
});

describe("hostile bodies of a megabyte", () => {
  const repeat = (piece: string) => piece.repeat(1_000_000 / piece.length);

  it.each([
    ["quotes", `{"a":"${repeat('"')}`],
    ["quotes and commas", `{"a":"${repeat('",')}`],
    ["quotes that may close", `{"a":"${repeat('","k":')}`],
    ["escaped quotes that may close", `{"a":"\\x${repeat('\\","k":')}`],
    ["backslashes", `{"a":"${repeat("\\")}`],
    ["escaped strings", `{${repeat('\\"a\\":\\"b\\\\\\"\\",')}`],
    ["open lines", repeat('{"a":"x\n')],
    ["quoted JSON in quoted JSON", repeat('{"a":"[{"a":')],
    ["quoted JSON that leads nowhere", `{${repeat('"k":"[{"b":",')}`],
    ["closers", `${repeat('{"a":"[')}${repeat('"}]')}`],
    ["spaces", `{"a":"b"${repeat(" ")}x`],
    ["triple quotes", `{"a":"""${repeat('""')}`],
    ["form fields", `a=${repeat("&%7B")}`],
  ])("are read in linear time: %s", (_, body) => {
    const start = performance.now();
    limitOf(() => read(body));
    // Linear reading takes a tenth of a second; quadratic reading would take minutes.
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
