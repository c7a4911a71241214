import { describe, expect, it } from "vitest";
import { readBody } from "./read.ts";

const CASES: readonly (readonly [string, string, unknown, readonly string[]])[] = [
  ["a comma at the end of an object", '{"a":1,}', { a: 1 }, ["extra_comma"]],
  ["commas all over an array", '{"a":[,1,,2,]}', { a: [1, 2] }, ["extra_comma"]],
  [
    "no comma between objects",
    '{"a":[{"b":1}{"c":2}]}',
    { a: [{ b: 1 }, { c: 2 }] },
    ["missing_comma"],
  ],
  ["no comma between members", '{"a":"x"\n"b":"y"}', { a: "x", b: "y" }, ["missing_comma"]],
  ["a variable that was empty", '{"a":,"b":}', { a: null, b: null }, ["missing_value"]],
  ["a word without quotes", '{"a": high ,"b":2.5}', { a: "high", b: 2.5 }, ["unquoted_value"]],
  ["words without quotes", '{"a":[b c,d]}', { a: ["b c", "d"] }, ["unquoted_value"]],
  [
    "a time without quotes",
    '{"a":2026-01-02T03:04:05Z}',
    { a: "2026-01-02T03:04:05Z" },
    ["unquoted_value"],
  ],
  ["a triple-quoted block", '{"a":"""x "y"\n\\"z\\""""}', { a: 'x "y"\n"z"' }, ["triple_quotes"]],
  [
    "quotes in a value",
    '{"a":"say "x", "y" now","b":1}',
    { a: 'say "x", "y" now', b: 1 },
    ["unescaped_quote"],
  ],
  [
    "a quote before a brace",
    '{"a":"use {"x"} here","b":1}',
    { a: 'use {"x"} here', b: 1 },
    ["unescaped_quote"],
  ],
  ["a quote at the end", '{"a":"he said "x""}', { a: 'he said "x"' }, ["unescaped_quote"]],
  ["quotes in an array", '{"a":["x "y" z","b"]}', { a: ['x "y" z', "b"] }, ["unescaped_quote"]],
  ["quotes in a key", '{"a "b" c":1}', { 'a "b" c': 1 }, ["unescaped_quote"]],
  ["a Windows path", '{"a":"C:\\Windows\\new"}', { a: "C:\\Windows\\new" }, ["invalid_escape"]],
  ["a network path", '{"a":"\\\\srv\\share\\x"}', { a: "\\\\srv\\share\\x" }, ["invalid_escape"]],
  [
    "a path that ends in a backslash",
    '{"a":"C:\\Win\\","b":1}',
    { a: "C:\\Win\\", b: 1 },
    ["invalid_escape"],
  ],
  ["escaped quotes beside a path", '{"a":"\\"x\\" C:\\W"}', { a: '"x" C:\\W' }, ["invalid_escape"]],
  ["a short unicode escape", '{"a":"C:\\users"}', { a: "C:\\users" }, ["invalid_escape"]],
  ["a line break in a string", '{"a":"x\ny"}', { a: "x\ny" }, ["control_character"]],
  ["a NUL in a string", '{"a":"x\u0000y"}', { a: "x\u0000y" }, ["control_character"]],
  [
    "a quoted array",
    '{"a":"[{"b":"c"},{"d":[1]}]","e":1}',
    { a: [{ b: "c" }, { d: [1] }], e: 1 },
    ["quoted_json"],
  ],
  ["a quoted object", '{"a":"{"b":"say \\"x\\""}"}', { a: { b: 'say "x"' } }, ["quoted_json"]],
  [
    "quoted objects in a row",
    '{"a":"{"b":1}{"c":2}"}',
    { a: [{ b: 1 }, { c: 2 }] },
    ["quoted_json"],
  ],
  ["a quoted array of strings", '{"a":"["b","c"]"}', { a: ["b", "c"] }, ["quoted_json"]],
  [
    "escaped JSON without quotes",
    '{"a":[{\\"b\\":\\"c\\"}],"d":1}',
    { a: [{ b: "c" }], d: 1 },
    ["escaped_quotes"],
  ],
  [
    "escapes in escaped JSON",
    '{"a":{\\"b\\":\\"\\\\\\"c\\\\\\" C:\\\\\\\\d\\\\n\\"}}',
    { a: { b: '"c" C:\\d\n' } },
    ["escaped_quotes"],
  ],
  [
    "a backslash that ends escaped JSON",
    '{"a":{\\"b\\":\\"C:\\\\\\\\\\"}}',
    { a: { b: "C:\\" } },
    ["escaped_quotes"],
  ],
  ["a quote in escaped JSON", '{"a":[\\"x\\\\\\",1\\"]}', { a: ['x",1'] }, ["escaped_quotes"]],
  [
    "what only starts like quoted JSON",
    '{"a":"[{"b":1,}x","c":2}',
    { a: '[{"b":1,}x', c: 2 },
    ["unescaped_quote"],
  ],
  ["an array that is not closed", '[{"a":1}', { a: 1 }, []],
];

describe("the tolerant reader repairs", () => {
  it.each(CASES)("%s", (_, body, value, repaired) => {
    expect(readBody(Buffer.from(body))).toMatchObject({
      documents: [{ value, repaired }],
      rejected: [],
      plain: false,
    });
  });

  it("an array around all documents, and says so once for the body", () => {
    const repairsOf = (body: string) => readBody(Buffer.from(body));
    expect(repairsOf('[{"a":1},{"b":2}')).toMatchObject({ repaired: ["unclosed_array"] });
    expect(repairsOf('[{"a":1},{"b":2},]')).toMatchObject({ repaired: ["extra_comma"] });
    expect(repairsOf('[{"a":1}{"b":2}]')).toMatchObject({ repaired: ["missing_comma"] });
  });
});

describe("the tolerant reader leaves alone", () => {
  // The comma at the end makes sure that the tolerant reader reads.
  it.each([
    ["JSON in a proper string", { a: '[{"b":"c"},{"d":"e\\"f"}]' }],
    ["a brace in a string", { a: "{", b: "}" }],
    ["a bracket in a string", { a: "[", b: '["x"' }],
    ["every kind of escape", { a: '\\ / " \b\f\n\r\t \u0001 \u{1f514} é' }],
    ["what looks like the end", { a: '","b":"c"}', b: '"}]' }],
    ["scalars", { a: [0, -1.5e-7, true, false, null, "", {}, []] }],
    ["empty names", { "": { "": "" } }],
  ])("%s", (_, value) => {
    const body = JSON.stringify(value).replace(/}$/, ",}");
    expect(readBody(Buffer.from(body))).toMatchObject({
      documents: [{ value, repaired: ["extra_comma"] }],
    });
  });
});
