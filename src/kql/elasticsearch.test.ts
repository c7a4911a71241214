import { describe, expect, it } from "vitest";
import { toElasticsearchQuery } from "./index.ts";

/** What each finds in real engines is told by `test/servers/kql.test.ts`. */
describe("the Elasticsearch query of a text", () => {
  const table: [text: string, query: object][] = [
    ["", { match_all: {} }],
    ["*", { match_all: {} }],
    ["not *", { bool: { must_not: [{ match_all: {} }] } }],
    ["host.name: web-01", { match: { "host.name": "web-01" } }],
    ["host.name: two words", { match: { "host.name": "two words" } }],
    ['message: "two words"', { match_phrase: { message: "two words" } }],
    ["flag: true", { match: { flag: "true" } }],
    ['word: "null"', { match_phrase: { word: "null" } }],
    ["host.name: *", { exists: { field: "host.name" } }],
    ["host.*: *", { exists: { field: "host.*" } }],
    ["host.name: web-*", { query_string: { query: "web\\-*", fields: ["host.name"] } }],
    ["alarm", { multi_match: { type: "best_fields", query: "alarm", lenient: true } }],
    ['"two words"', { multi_match: { type: "phrase", query: "two words", lenient: true } }],
    ["web*", { query_string: { query: "web*", lenient: true } }],
    [
      "host.*: x",
      { multi_match: { type: "best_fields", query: "x", fields: ["host.*"], lenient: true } },
    ],
    ["risk > 5", { range: { risk: { gt: "5" } } }],
    ["risk >= 5", { range: { risk: { gte: "5" } } }],
    ["risk < 5", { range: { risk: { lt: "5" } } }],
    ["event.created <= now-1d/d", { range: { "event.created": { lte: "now-1d/d" } } }],
    [
      'host.* > "a \\"b\\" c"',
      { query_string: { query: '{"a \\"b\\" c" TO *]', fields: ["host.*"], lenient: true } },
    ],
    ["host.* <= 5", { query_string: { query: '[* TO "5"]', fields: ["host.*"], lenient: true } }],
    ["a: 1 and b: 2", { bool: { filter: [{ match: { a: "1" } }, { match: { b: "2" } }] } }],
    [
      "a: (1 or 2)",
      { bool: { should: [{ match: { a: "1" } }, { match: { a: "2" } }], minimum_should_match: 1 } },
    ],
    [
      "threat:{ type: ip and score > 5 }",
      {
        nested: {
          path: "threat",
          score_mode: "none",
          query: {
            bool: {
              filter: [
                { match: { "threat.type": "ip" } },
                { range: { "threat.score": { gt: "5" } } },
              ],
            },
          },
        },
      },
    ],
    [
      "a:{ b:{ x* } }",
      {
        nested: {
          path: "a",
          score_mode: "none",
          query: {
            nested: {
              path: "a.b",
              score_mode: "none",
              query: { query_string: { query: "x*", fields: ["a.b.*"], lenient: true } },
            },
          },
        },
      },
    ],
    ["kibana.alert.severity >= high", { terms: { "kibana.alert.severity": ["high", "critical"] } }],
    [
      "kibana.alert.severity < LOW",
      { terms: { "kibana.alert.severity": ["unknown", "informational"] } },
    ],
    ["event.severity >= 3", { range: { "event.severity": { gte: "3" } } }],
    ["level >= high", { range: { level: { gte: "high" } } }],
  ];
  it.each(table)("%s", (text, query) => {
    expect(toElasticsearchQuery(text)).toEqual(query);
  });

  it("asks for a wildcard with a space as one keyword and as words", () => {
    const fields = ["name"];
    expect(toElasticsearchQuery("name: fish \\and AND\\: ch?p*")).toEqual({
      bool: {
        should: [
          { query_string: { query: "fish\\ and\\ AND\\:\\ ch\\?p*", fields } },
          { query_string: { query: "fish AND and AND AND\\: AND ch\\?p*", fields } },
        ],
        minimum_should_match: 1,
      },
    });
    expect(JSON.stringify(toElasticsearchQuery("name: rock \\u004fR roll*"))).toContain(
      JSON.stringify("rock AND \\OR AND roll*"),
    );
  });

  it("keeps a field that is called like a member of every object", () => {
    const { match } = toElasticsearchQuery("__proto__: x");
    expect(Object.entries(match as object)).toEqual([["__proto__", "x"]]);
  });

  it.each(["a: null", "null", "a: (b or null)", "a:{ b: null }"])("refuses %s", (text) => {
    expect(() => toElasticsearchQuery(text)).toThrow(
      expect.objectContaining({ code: "KQL_INVALID", hint: expect.stringContaining("not field") }),
    );
  });

  it("refuses what is no KQL", () => {
    expect(() => toElasticsearchQuery("a = b")).toThrow(
      expect.objectContaining({ code: "KQL_INVALID", data: { position: 2 } }),
    );
  });
});
