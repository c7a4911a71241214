import { describe, expect, it } from "vitest";
import { emptyContent } from "../alert/content.ts";
import type { AlertContent } from "../alert/schema.ts";
import { ALERT_FIELDS, setField } from "./alert-fields.ts";
import { applyMappings, fieldMapping } from "./mapping.ts";
import type { JsonObject } from "./source.ts";

const content = emptyContent({
  name: "desk",
  kind: "elastic",
  vendor: "Elastic",
  product: "Elasticsearch",
  space: null,
});

function map(document: JsonObject, ...mappings: readonly object[]) {
  const parsed = mappings.map((mapping) => fieldMapping.parse(mapping));
  return applyMappings(content, document, parsed);
}

describe("a field mapping", () => {
  it.each([
    ["a flat dotted key", { "asset.owner": "net" }],
    ["a nested key", { asset: { owner: "net" } }],
    ["a mixed key", { "asset.site": "x", asset: { owner: "net" } }],
    ["an array of objects", { asset: [{ owner: "net" }] }],
    ["the message around a hit", { rule: {}, hit: { asset: { owner: "net" } } }],
    ["a search hit", { _index: "i", _source: { asset: { owner: "net" } } }],
  ])("reads %s", (_name, document: JsonObject) => {
    const { content: alert, results } = map(document, { path: "asset.owner", field: "tags" });
    expect(alert.tags).toEqual(["net"]);
    expect(results).toEqual([{ path: "asset.owner", found: ["net"], produced: "tags = net" }]);
  });

  it("takes numbers as well as texts", () => {
    const document = { risk: 73, port: 8443 };
    const { content: alert } = map(
      document,
      { path: "risk", field: "risk_score" },
      { path: "port", artifact: "port", role: "destination" },
    );
    expect(alert.risk_score).toBe(73);
    expect(alert.artifacts).toEqual([
      { type: "port", value: "8443", role: "destination", field: "port" },
    ]);
  });

  it("decides hash, host and address by the value", () => {
    const { results } = map(
      { seen: ["192.0.2.1", "ws-9"], sum: "d41d8cd98f00b204e9800998ecf8427e" },
      { path: "seen", artifact: "host" },
      { path: "sum", artifact: "hash" },
    );
    expect(results.map(({ produced }) => produced)).toEqual([
      "ip 192.0.2.1, hostname ws-9",
      "md5 d41d8cd98f00b204e9800998ecf8427e",
    ]);
  });

  it("keeps a value that does not validate as other, flagged", () => {
    const { content: alert } = map({ a: "no address" }, { path: "a", artifact: "ip" });
    expect(alert.artifacts).toMatchObject([{ type: "other", value: "no address" }]);
    expect(alert.provenance.flags).toEqual(["a: not an IP address"]);
  });

  it("adds an artifact once", () => {
    const mapping = { path: "a", artifact: "ip" };
    expect(map({ a: "192.0.2.1" }, mapping, mapping).content.artifacts).toHaveLength(1);
  });

  it("that finds nothing changes nothing and says so", () => {
    const { content: alert, results } = map({}, { path: "a.b", field: "title" });
    expect(alert).toEqual(content);
    expect(results).toEqual([{ path: "a.b", found: [], produced: "nothing found" }]);
  });

  it("whose value does not fit leaves the field and flags it", () => {
    const { content: alert, results } = map({ a: "soon" }, { path: "a", field: "event_time" });
    expect(alert.event_time).toBeNull();
    expect(alert.provenance.flags).toEqual(['a: "soon" is not a time']);
    expect(results[0]?.produced).toBe('nothing: "soon" is not a time');
  });

  it("does not write into what it was given", () => {
    const before = structuredClone(content);
    map({ a: "x" }, { path: "a", field: "tags" }, { path: "a", artifact: "account" });
    expect(content).toEqual(before);
  });

  it("goes after those before it", () => {
    const { content: alert } = map(
      { a: "one", b: "two" },
      { path: "a", field: "title" },
      { path: "b", field: "title" },
    );
    expect(alert.title).toBe("two");
  });
});

describe("the schema of a field mapping", () => {
  it.each([
    [{ path: "a" }, "write artifact or field"],
    [{ path: "a", artifact: "ip", field: "title" }, "not both"],
    [{ path: "a", field: "title", role: "actor" }, "role goes with artifact"],
    [{ path: "", artifact: "ip" }, "expected string to have >=1 characters"],
    [{ path: "a", artifact: "hostnam" }, "Invalid option"],
    [{ path: "a", artifact: "ip", kind: "x" }, "Unrecognized key"],
  ])("refuses %j", (mapping, message) => {
    const issues = fieldMapping.safeParse(mapping).error?.issues ?? [];
    expect(issues.map((issue) => issue.message).join()).toContain(message);
  });
});

/** For every field a value that fits, and what the alert says then. */
const FITTING: Readonly<Record<string, readonly [unknown, unknown]>> = {
  title: ["a\nb", "a b"],
  description: ["a\nb", "a\nb"],
  reason: ["why", "why"],
  severity: ["Major", "high"],
  risk_score: ["12.5", 12.5],
  status: ["In Progress", "acknowledged"],
  verdict: ["benign", "benign"],
  event_time: [1767229200, "2026-01-01T01:00:00.000Z"],
  detected_at: ["2026-01-01T02:00:00+01:00", "2026-01-01T01:00:00.000Z"],
  "rule.id": [7, "7"],
  "rule.uuid": ["u", "u"],
  "rule.name": ["n", "n"],
  "rule.version": [3, "3"],
  "rule.tags": [
    ["a", "b", "a"],
    ["a", "b"],
  ],
  "rule.url": ["https://rules.example/7", "https://rules.example/7"],
  "rule.note": ["note", "note"],
  "rule.references": [["r"], ["r"]],
  "external.id": ["e", "e"],
  "external.url": ["http://vendor.example/e", "http://vendor.example/e"],
  "source.product": ["p", "p"],
  "source.space": ["s", "s"],
  attack: [
    "seen T1110",
    [{ tactic: null, technique: { id: "T1110", name: null }, subtechnique: null }],
  ],
  tags: [["x"], ["x"]],
  tlp: ["TLP:White", "clear"],
  pap: ["amber", "amber"],
};

describe("setField", () => {
  it.each(ALERT_FIELDS)("fills %s", (field) => {
    const alert = structuredClone(content);
    const [value, expected] = FITTING[field] ?? expect.unreachable(`no case for ${field}`);
    expect(setField(alert, field, [value])).toHaveProperty("produced");
    expect(valueOf(alert, field)).toEqual(expected);
  });

  it.each([
    ["risk_score", "101"],
    ["risk_score", "much"],
    ["status", "purple"],
    ["event_time", "soon"],
    ["external.url", "javascript:alert(1)"],
    ["rule.url", "ftp://x.example"],
    ["attack", "nothing here"],
    ["tlp", "2"],
    ["title", {}],
  ] as const)("leaves %s as it was for %j", (field, value) => {
    const alert = structuredClone(content);
    expect(setField(alert, field, [value])).toHaveProperty("wrong");
    expect(alert).toEqual(content);
  });

  it("keeps a list bounded and each text once", () => {
    const alert = structuredClone(content);
    const many = Array.from({ length: 200_000 }, (_, index) => `t${index % 5000}`);
    setField(alert, "tags", many);
    expect(alert.tags).toHaveLength(1000);
  });

  it("keeps the original of a severity it does not know", () => {
    const alert = structuredClone(content);
    expect(setField(alert, "severity", ["purple"])).toHaveProperty("wrong");
    expect(alert).toMatchObject({ severity: "unknown", severity_original: "purple" });
  });
});

function valueOf(alert: AlertContent, field: string): unknown {
  return field
    .split(".")
    .reduce<unknown>((node, part) => (node as Record<string, unknown>)[part], alert);
}
