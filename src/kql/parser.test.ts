import { describe, expect, it } from "vitest";
import { TocsinError } from "../errors.ts";
import { fieldsOf, formatKql, parseKql, MAX_KQL_DEPTH, MAX_KQL_LENGTH } from "./index.ts";
import type { Field, Query, RangeOperator, Value } from "./index.ts";

const name = (text: string): Field => ({ kind: "name", name: text });
const pattern = (...parts: string[]) => ({ kind: "pattern", parts }) as const;
const any: Field = { kind: "any" };
const words = (text: string): Value => ({ kind: "text", text, quoted: false });
const phrase = (text: string): Value => ({ kind: "text", text, quoted: true });
const match = (field: Field, value: Value): Query => ({ type: "match", field, value });
const is = (field: string, text: string): Query => match(name(field), words(text));
const range = (field: string, operator: RangeOperator, bound: string): Query => ({
  type: "range",
  field: name(field),
  operator,
  bound,
});
const and = (...of: Query[]): Query => ({ type: "and", of });
const or = (...of: Query[]): Query => ({ type: "or", of });
const not = (of: Query): Query => ({ type: "not", of });
const nested = (path: string, of: Query): Query => ({ type: "nested", path, of });
const exists = (field: Field): Query => ({ type: "exists", field });
const all: Query = { type: "all" };

describe("what a text means", () => {
  const table: [string, Query][] = [
    ["", all],
    [" \t\n\u00A0", all],
    ["*", all],
    ["**", all],
    ["*: *", all],
    ["not *", not(all)],
    ["host.name: web-01", is("host.name", "web-01")],
    ["host.name:web-01", is("host.name", "web-01")],
    ["host.name : web-01", is("host.name", "web-01")],
    ["  a:b  ", is("a", "b")],
    ["a: b c", is("a", "b c")],
    ["a: b  c", is("a", "b  c")],
    ['a: "b c"', match(name("a"), phrase("b c"))],
    ['a: ""', match(name("a"), phrase(""))],
    ['"a b": c', is("a b", "c")],
    ['"a*": c', is("a*", "c")],
    ["alarm", match(any, words("alarm"))],
    ["two words", match(any, words("two words"))],
    ['"two words"', match(any, phrase("two words"))],
    ["*: x", match(any, words("x"))],
    ["a: *", exists(name("a"))],
    ["a: **", exists(name("a"))],
    ['a: "*"', match(name("a"), phrase("*"))],
    ["a: web-*", match(name("a"), pattern("web-", ""))],
    ["a: *web", match(name("a"), pattern("", "web"))],
    ["a: w*b**c", match(name("a"), pattern("w", "b", "c"))],
    ["a: x * y", match(name("a"), pattern("x ", " y"))],
    ["host.*: x", match(pattern("host.", ""), words("x"))],
    ["host.*: *", exists(pattern("host.", ""))],
    ["host.* > 5", { type: "range", field: pattern("host.", ""), operator: ">", bound: "5" }],
    ["web*", match(any, pattern("web", ""))],
    ["n > 5", range("n", ">", "5")],
    ["n>=5", range("n", ">=", "5")],
    ["n < -1.5", range("n", "<", "-1.5")],
    ['t <= "2026-03-04T10:00:00Z"', range("t", "<=", "2026-03-04T10:00:00Z")],
    ["t >= now-15m", range("t", ">=", "now-15m")],
    ["severity >= HIGH", range("severity", ">=", "HIGH")],
  ];
  it.each(table)("%j", (text, expected) => {
    expect(parseKql(text)).toEqual(expected);
  });
});

describe("how conditions combine", () => {
  const [a, b, c] = [is("a", "1"), is("b", "2"), is("c", "3")];
  const table: [string, Query][] = [
    ["a:1 and b:2 and c:3", and(a, b, c)],
    ["a:1 or b:2 or c:3", or(a, b, c)],
    ["a:1 or b:2 and c:3", or(a, and(b, c))],
    ["a:1 and b:2 or c:3", or(and(a, b), c)],
    ["(a:1 or b:2) and c:3", and(or(a, b), c)],
    ["(a:1 and b:2) and c:3", and(and(a, b), c)],
    ["not a:1 and b:2", and(not(a), b)],
    ["not a:1 or b:2", or(not(a), b)],
    ["not (a:1 or b:2)", not(or(a, b))],
    ["not(a:1)", not(a)],
    ["not not a:1", not(not(a))],
    ["NOT a:1 AND b:2 Or c:3", or(and(not(a), b), c)],
    ["a:1 and\u00A0b:2", and(a, b)],
    ["((( a:1 )))", a],
    ["f:(x or y)", or(is("f", "x"), is("f", "y"))],
    ["f:(x or y and not z)", or(is("f", "x"), and(is("f", "y"), not(is("f", "z"))))],
    ["f:((x or y) and not z)", and(or(is("f", "x"), is("f", "y")), not(is("f", "z")))],
    ["f:(two words)", is("f", "two words")],
    ['f:("p q" or w*)', or(match(name("f"), phrase("p q")), match(name("f"), pattern("w", "")))],
    ["f:(* and not x)", and(exists(name("f")), not(is("f", "x")))],
    ["n:{ a:1 and b:2 }", nested("n", and(a, b))],
    ["n:{a:1} and b:2", and(nested("n", a), b)],
    ["n: { m:{ a:1 } }", nested("n", nested("m", a))],
    ["not n:{ a:1 or not b:2 }", not(nested("n", or(a, not(b))))],
  ];
  it.each(table)("%j", (text, expected) => {
    expect(parseKql(text)).toEqual(expected);
  });
});

describe("escapes and words", () => {
  const table: [string, string][] = [
    [String.raw`a: b\:c`, "b:c"],
    [String.raw`a: \*`, "*"],
    [String.raw`a: \(\)\<\>\"\{\}\\`, '()<>"{}\\'],
    [String.raw`a: \t\n\r`, "\t\n\r"],
    [String.raw`a: \u00e9t\u00E9`, "été"],
    [String.raw`a: this \or that`, "this or that"],
    [String.raw`a: \AND`, "AND"],
    ["a: cannot open", "cannot open"],
    ["a: organd or2", "organd or2"],
    ["a: knot", "knot"],
    ["a: x=1", "x=1"],
    ["a: R&D", "R&D"],
    ["a: -5", "-5"],
    ["a: d'or", "d'or"],
    [String.raw`a: "x\"y"`, 'x"y'],
    [String.raw`a: "C:\\dir\\"`, "C:\\dir\\"],
    [String.raw`a: "C:\Windows"`, "C:\\Windows"],
    [String.raw`a: "x\ty\u0041"`, "x\tyA"],
    ['a: "b:c (d) *"', "b:c (d) *"],
    ['a: "x\ny"', "x\ny"],
  ];
  it.each(table)("%j", (text, expected) => {
    expect(parseKql(text)).toMatchObject({ value: { kind: "text", text: expected } });
  });
});

function errorOf(text: string): TocsinError {
  try {
    parseKql(text);
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was read without an error`);
}

describe("what is wrong, where, and what to write instead", () => {
  const table: [text: string, position: number, problem: string, hint: string][] = [
    ["severity = high", 9, "=", "field: value"],
    ["severity=high", 8, "=", "field: value"],
    ["severity == high", 9, "=", "field: value"],
    ["severity != high", 9, "=", "not field: value"],
    ["severity!=high", 8, "=", "not field: value"],
    ["severity => high", 9, "=", "field >= value"],
    ["severity =< high", 9, "=", "field >= value"],
    ["a:1 && b:2", 4, "&&", '"and"'],
    ["a:1 || b:2", 4, "||", '"or"'],
    ["a:1 and !b:2", 8, "!", '"not"'],
    ["-b:2", 0, "-", '"not"'],
    ["!ready", 0, "!", '"not"'],
    ['a: "open', 3, "quote", "close it"],
    [String.raw`a: "C:\dir\"`, 3, "quote", "escaped by the backslash"],
    ["(a:1", 4, "no )", "close the ( of character 1"],
    ["(a:1 }", 5, "no )", "close the ( of character 1"],
    ["f:(x or y", 9, "no )", "close the ( of character 3"],
    ["n:{ a:1", 7, "no }", "close the { of character 3"],
    ["a:1)", 3, ") that closes nothing", "open its group with ("],
    ["a:1 }", 4, "} that closes nothing", "open its group with {"],
    ["a:b:c", 3, "bare :", "double quotes"],
    ["t > 10:30", 6, "bare :", "double quotes"],
    ["a: b c: d", 5, "between two conditions", '"and" or "or" before c'],
    ["a: b c > d", 5, "between two conditions", '"and" or "or" before c'],
    ["web a: b", 4, "between two conditions", '"and" or "or" before a'],
    ['a: "b" c', 7, "between two conditions", '"and" or "or" before c'],
    ["a: b not c: d", 5, "between two conditions", '"and" or "or" before not'],
    ["(a:1) b:2", 6, "between two conditions", '"and" or "or" before b'],
    ["(a:1 (b:2))", 5, "between two conditions", '"and" or "or" before ('],
    ["f:(a:1)", 4, "bare :", "double quotes"],
    ['"a" "b"', 4, "between two conditions", "and"],
    ["(a) : b", 4, "unexpected :", "field: value"],
    ["a:", 2, "the query ends where a value is expected", 'field: ""'],
    ["n >", 3, "the query ends where a value is expected", "field: value"],
    ["a:1 and", 7, "the query ends where a condition", "field: value"],
    ["a:1 or or b:2", 7, '"or" stands where a condition', "double quotes"],
    ["and b:2", 0, '"and" stands where a condition', "double quotes"],
    ["a: not b", 3, '"not" stands where a value', "not field: value"],
    ["n:>5", 2, '">" stands where a value', "leave out the colon: field > value"],
    [": b", 0, '":" stands where a condition', "write the field first"],
    ["> 5", 0, '">" stands where a condition', "write the field first"],
    ["()", 1, '")" stands where a condition', "inside"],
    ["{ a:1 }", 0, '"{" stands where a condition', "artifacts:{"],
    ["n*:{ a:1 }", 0, "wildcard before {", "artifacts:{"],
    ["n > 5*", 4, "wildcard in a range", "exists"],
    ["t > now-15x", 4, "date math", "now-15m"],
    [
      "severity: hihg",
      10,
      "unknown severity",
      "unknown, informational, low, medium, high, critical",
    ],
    ["severity >= 9", 12, "unknown severity", "critical"],
    ["severity:(low or bad)", 17, "unknown severity", "critical"],
    ["n:{ severity: odd } and severity: odd", 34, "unknown severity", "critical"],
    ["a: 'b c'", 3, "single quotes", "double quotes"],
    ["a: [1 TO 5]", 3, "TO", "field >= 1"],
    [String.raw`a: C\:\Windows`, 6, "backslash", "double quotes"],
    ["a: x\\", 4, "backslash", "double quotes"],
    [String.raw`a: \u12`, 3, "backslash", "double quotes"],
  ];
  it.each(table)("%j at %i", (text, position, problem, hint) => {
    const error = errorOf(text);
    expect(error.code).toBe("KQL_INVALID");
    expect(error.component).toBe("kql");
    expect(error.data).toEqual({ position });
    expect(error.message).toContain(problem);
    expect(error.hint).toContain(hint);
  });

  it("shows the place in one line, counting characters from 1", () => {
    expect(errorOf("a:1 and\nseverity: hihg").message).toBe(
      "an unknown severity at character 19: a:1 and severity: ▸hihg",
    );
  });

  it("shows only the neighbourhood of the place in a long text", () => {
    const message = errorOf(`${"a:1 and ".repeat(20)}b = 2 ${"and c:3 ".repeat(20)}`).message;
    expect(message).toContain("b ▸= 2");
    expect(message.length).toBeLessThan(120);
  });
});

describe("limits", () => {
  it("reads a text of the greatest length and refuses a longer one", () => {
    const longest = `a:${"x".repeat(MAX_KQL_LENGTH - 2)}`;
    expect(parseKql(longest)).toMatchObject({ type: "match" });
    expect(errorOf(`${longest}x`).data).toEqual({ position: MAX_KQL_LENGTH });
  });

  const deep: [what: string, open: string, close: string, before: string][] = [
    ["parentheses", "(", ")", ""],
    ["negations", "not ", "", ""],
    ["nested queries", "a:{", "}", ""],
    ["groups in a group of values", "(", ")", "a:("],
  ];
  it.each(deep)(
    "refuses %s deeper than the limit, at the one too many",
    (_, open, close, before) => {
      const build = (depth: number) =>
        `${before}${open.repeat(depth)}a${close.repeat(depth)}${before && ")"}`;
      const query = parseKql(build(MAX_KQL_DEPTH));
      expect(parseKql(formatKql(query))).toEqual(query);
      const oneTooMany = before.length + MAX_KQL_DEPTH * open.length;
      const position = Number(errorOf(build(MAX_KQL_DEPTH + 1)).data?.position);
      expect([oneTooMany, oneTooMany + open.length - 1]).toContain(position);
      expect(errorOf(build(2000)).message).toContain("more than 64");
    },
  );

  it("does not count groups beside each other as depth", () => {
    const text = Array.from({ length: 500 }, () => "(not a:1)").join(" or ");
    expect(parseKql(text)).toMatchObject({ type: "or" });
  });

  it("refuses a long unclosed quote of backslashes at once", () => {
    const started = performance.now();
    expect(errorOf(`a: "${"\\".repeat(MAX_KQL_LENGTH - 5)}`).data).toEqual({ position: 3 });
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("the fields of a query", () => {
  const table: [string, string[]][] = [
    ["*", []],
    ["a:1 and (b > 2 or not a:3)", ["a", "b"]],
    ["c: * and d:(x or y)", ["c", "d"]],
    ["host.*: x", ["host.*"]],
    ["free text", ["*"]],
    ["n:{ a:1 and m:{ b:2 } }", ["n.a", "n.m.b"]],
    ["n:{ * }", ["n.*"]],
    ["n:{ x }", ["n.*"]],
    ["n.a:1 and n:{ a:1 }", ["n.a"]],
  ];
  it.each(table)("%j", (text, fields) => {
    expect(fieldsOf(parseKql(text))).toEqual(fields);
  });

  it("keeps the elements of a nested query that names no field, beside one that does", () => {
    expect(fieldsOf(parseKql("n:{ a:1 } and m:{ * }"))).toEqual(["n.a", "m.*"]);
  });
});

describe("the text of a query", () => {
  const table: [string, string][] = [
    ["", "*"],
    ["( a : 1 )  AND b>=2", "a: 1 and b >= 2"],
    ["(a:1 or b:2) and not (c:3 and d:4)", "(a: 1 or b: 2) and not (c: 3 and d: 4)"],
    ["f: x or f: y or not f: z", "f:(x or y or not z)"],
    ["f:(x or y) and g:1", "f:(x or y) and g: 1"],
    ["f:((x or y) and not (z or *)) or a", "f:((x or y) and not (z or *)) or a"],
    ["not (f:x and f:y)", "not f:(x and y)"],
    ["n:{a:1}", "n:{ a: 1 }"],
    ['"a b": "c\\"d"', '"a b": "c\\"d"'],
    ["url: x=1&y=2", "url: x=1&y=2"],
    ["port: -5", "port: -5"],
    ["t >= now-1d/d", 't >= "now-1d/d"'],
    ["host.*: w*b", "host.*: w*b"],
  ];
  it.each(table)("%j becomes %j", (text, formatted) => {
    expect(formatKql(parseKql(text))).toBe(formatted);
    expect(parseKql(formatted)).toEqual(parseKql(text));
  });
});
