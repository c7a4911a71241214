import { describe, expect, it } from "vitest";
import { ClueIndex } from "./clue-index.ts";
import { cluesOf } from "./clues.ts";
import { compileKql, formatKql, parseKql, QuerySet, recordOf } from "./index.ts";
import { diceOf, generateDocument, generateQuery } from "./testing/generate.ts";

const NOW = Date.parse("2026-03-04T13:00:00Z");

function setOf(...texts: readonly string[]): QuerySet<string> {
  return new QuerySet(texts.map((text) => ({ query: parseKql(text), value: text })));
}

/** How many queries a record is asked. */
function asked(texts: readonly string[], document: unknown): number {
  return new ClueIndex(texts.map(parseKql)).candidates(recordOf(document)).length;
}

describe("a set of queries", () => {
  it("finds all that fit, in the order given, and the first of them", () => {
    const set = setOf("host.name: web-1", "*", "host.name: db-1", "host.name: web-*", "count: 3");
    const record = recordOf({ host: { name: "WEB-1" }, count: "3" });
    expect(set.matching(record, NOW)).toEqual([
      "host.name: web-1",
      "*",
      "host.name: web-*",
      "count: 3",
    ]);
    expect(set.first(record, NOW)).toBe("host.name: web-1");
    expect(set.first(recordOf({ host: { name: "db-1" } }), NOW)).toBe("*");
    expect(setOf("a: b").first(record, NOW)).toBeUndefined();
    expect(set.values).toHaveLength(5);
  });

  it.each([
    ["count: 1", { count: 1 }],
    ["count: 1.0", { count: 1 }],
    ["count: 1.0", { count: 1n }],
    ["count: 1", { count: "1" }],
    ["count: 0", { count: -0 }],
    ["count: 1*", { count: 17 }],
    ["flag: TRUE", { flag: true }],
    ["flag: t*", { flag: true }],
    ['name: ""', { name: "" }],
    ["name: İx", { name: "ix" }],
    ["name: ΟΔΟΣ*", { name: "ΟΔΟΣ" }],
    ["name: a", { name: ["b", "A"] }],
    ['time: "2026-03-04"', { time: "2026-03-04T10:00:00Z" }],
    ["time: now/d", { time: NOW }],
    ['ip: "10.0.0.0/8"', { ip: "10.1.2.3" }],
    ["severity: 3", { severity: "medium" }],
    ["title: beta", { title: "alpha beta" }],
    ["constructor: a", { constructor: "a" }],
  ])("finds %s where asking it does", (text, document) => {
    expect(compileKql(parseKql(text))(recordOf(document), NOW)).toBe(true);
    expect(setOf("x: y", text).matching(recordOf(document), NOW)).toEqual([text]);
  });

  it("answers as asking each query does, for random queries and records", () => {
    let held = 0;
    for (let seed = 0; seed < 400; seed++) {
      const dice = diceOf(seed);
      const queries = Array.from({ length: 30 }, () => generateQuery(dice));
      const set = new QuerySet(queries.map((query) => ({ query, value: formatKql(query) })));
      for (let round = 0; round < 10; round++) {
        const document = generateDocument(dice);
        const fitting = queries.filter((query) => compileKql(query)(recordOf(document), NOW));
        const found = set.matching(recordOf(document), NOW);
        expect(found, `seed ${seed}: ${JSON.stringify(document)}`).toEqual(fitting.map(formatKql));
        expect(set.first(recordOf(document), NOW)).toBe(found[0]);
        held += found.length;
      }
    }
    expect(held).toBeGreaterThan(20_000);
  });

  it("has clues for a good part of random queries, and never one that a fitting record lacks", () => {
    let clued = 0;
    for (let seed = 0; seed < 6000; seed++) {
      const dice = diceOf(seed);
      const [query, document] = [generateQuery(dice), generateDocument(dice)];
      if (cluesOf(query).length === 0) continue;
      clued++;
      if (!compileKql(query)(recordOf(document), NOW)) continue;
      expect(new ClueIndex([query]).candidates(recordOf(document)), formatKql(query)).toEqual([0]);
    }
    expect(clued).toBeGreaterThan(800);
  });
});

describe("the index of a set", () => {
  it("asks only the queries that name one of the record's values", () => {
    const texts = Array.from(
      { length: 500 },
      (_, n) => `rule.name: "rule ${n}" and severity >= low`,
    );
    expect(asked(texts, { rule: { name: "Rule 7" } })).toBe(1);
    expect(asked(texts, { rule: { name: "other" } })).toBe(0);
  });

  it("takes the clue that fewest queries share", () => {
    const texts = Array.from({ length: 500 }, (_, n) => `kind: elastic and host.name: web-${n}`);
    expect(asked(texts, { kind: "elastic", host: { name: "web-7" } })).toBe(1);
  });

  it("follows lists of values and prefixes", () => {
    const lists = Array.from({ length: 500 }, (_, n) => `host.name: (a-${n} or b-${n}-*)`);
    expect(asked(lists, { host: { name: "b-33-x" } })).toBe(1);
    expect(asked(lists, { host: { name: "a-33" } })).toBe(1);
  });

  it("asks every query that gives no clue", () => {
    const texts = ["*", "not a: b", "a > 3", "b: *c", "a: *", "items:{ kind: x }", "a: b or c > 1"];
    expect(asked([...texts, "a: b"], { b: "c" })).toBe(texts.length);
  });
});
