/**
 * What comes out of the bodies that Kibana's webhook connector really sends, per template fragment
 * (the repository's contracts list them). Expectations are written from how Kibana renders.
 */
import { describe, expect, it } from "vitest";
import { isJsonObject } from "./json.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { readBody } from "./read.ts";
import { reparse } from "./reparse.ts";
import { hasPayloads, readPayload } from "./testing/payloads.ts";

const RULE_NAME = 'Sysmon - "Binary" Execution from C:\\Windows\\Tasks';

/** The two hits of the rendered ES query, as Elasticsearch returned them. */
const HITS: JsonValue = [
  {
    _index: ".ds-logs-demo-000001",
    _id: "abc1",
    _score: 1,
    _source: {
      "@timestamp": "2026-03-23T15:05:39.309Z",
      host: { name: "web-01" },
      user: "alice",
      message: 'say "hi" \\ C:\\Temp\nline2',
    },
    fields: {
      user: ["alice"],
      "user.keyword": ["alice"],
      "host.name": ["web-01"],
      "host.name.keyword": ["web-01"],
      host: { name: ["web-01"] },
    },
  },
  {
    _index: ".ds-logs-demo-000001",
    _id: "abc2",
    _score: 1,
    _source: {
      "@timestamp": "2026-03-23T15:05:41.001Z",
      host: { name: "web-02" },
      user: { keyword: "bob" },
      "user.keyword": "bob",
      message: "plain",
    },
  },
];

/** `_id` of the detection alerts in the rendered `context.alerts`. */
const FIRST_ALERT = "e583ae0bf38d3c8ae952485bda86f3607f9a8571ff3c09673365bbab23f02dde";
const SECOND_ALERT = "30a75fe46d3dbdfab55982036f77a8d60e2d1112e96f277c3b8c22f9bb57817a";

function read(file: string) {
  const result = readBody(readPayload(file), {
    contentType: "application/x-www-form-urlencoded",
  });
  if (result.kind !== "documents") throw new Error(`${file} is ${result.kind}`);
  expect(result.rejected).toEqual([]);
  return result;
}

function readOnly(file: string) {
  const { documents, repaired, plain } = read(file);
  expect(documents).toHaveLength(1);
  return { document: object(documents[0]?.value), repaired, plain };
}

function object(value: JsonValue | undefined): JsonObject {
  if (!isJsonObject(value)) throw new Error("not an object");
  return value;
}

function hitsOf(document: JsonObject) {
  return reparse(object(document["context"])["hits"]).items;
}

function ids(items: readonly JsonValue[]) {
  return items.map((item) => object(item)["_id"]);
}

describe.skipIf(!hasPayloads())("bodies of Kibana (skipped: ../shared/payloads is missing)", () => {
  it.each([
    ["hits-string.json", []],
    ["hits-triple-unquoted.json", []],
    ["hits-triple-quoted.invalid.txt", ["quoted_json"]],
    ["hits-double-unquoted.invalid.txt", ["escaped_quotes"]],
  ])("an ES query's %s holds the same two hits, repaired by %j", (suffix, repairs) => {
    const { document, repaired, plain } = readOnly(`kibana-webhook-esquery-${suffix}`);
    expect(document["rule"]).toEqual({ name: RULE_NAME });
    expect(hitsOf(document)).toEqual(HITS);
    expect(repaired).toEqual(repairs);
    expect(plain).toBe(repairs.length === 0);
  });

  it.each(["kibana-webhook-no-hits.json", "kibana-webhook-context-missing.json"])(
    "%s is plain and has no hits",
    (file) => {
      const { document, plain } = readOnly(file);
      expect(plain).toBe(true);
      expect(hitsOf(document)).toEqual([]);
    },
  );

  it.each([
    ["asJSON.json", [], true],
    ["string.json", [], true],
    ["trailing-comma.invalid.txt", ["extra_comma"], false],
  ])("detection alerts in %s come out as elements, repaired by %j", (suffix, repairs, plain) => {
    const result = readOnly(`kibana-webhook-security-alerts-${suffix}`);
    const alerts = reparse(result.document["alerts"]);
    expect(ids(alerts.items)).toEqual([FIRST_ALERT, SECOND_ALERT]);
    expect(alerts.repaired).toEqual([]);
    expect(result.repaired).toEqual(repairs);
    expect(result.plain).toBe(plain);
  });

  it("concatenated detection alerts are a document each, and nothing is repaired", () => {
    const { documents, repaired, plain } = read("kibana-webhook-security-alerts-concatenated.txt");
    expect(ids(documents.map((document) => document.value))).toEqual([FIRST_ALERT, SECOND_ALERT]);
    expect(repaired).toEqual([]);
    expect(plain).toBe(false);
  });

  it("a summary's alerts.new.data is a native array", () => {
    const { document, plain } = readOnly("kibana-webhook-summary-new-data.json");
    expect(document["new"]).toBe(2);
    expect(ids(reparse(document["data"]).items)).toEqual([FIRST_ALERT, SECOND_ALERT]);
    expect(plain).toBe(true);
  });

  it("a rule name put in without escaping keeps its quotes and backslashes", () => {
    const { document, repaired } = readOnly("kibana-webhook-rule-name-triple.invalid.txt");
    expect(document).toEqual({ rule: { name: RULE_NAME } });
    expect(repaired).toEqual(["unescaped_quote", "invalid_escape"]);
  });

  it("a triple-quoted block keeps its lines", () => {
    const { document, repaired } = readOnly("kibana-webhook-triple-quoted-strings.invalid.txt");
    expect(document).toEqual({ rule: "x", field: "Multi-line value\ngoes\nhere" });
    expect(repaired).toEqual(["triple_quotes"]);
  });

  it("a template error is no document", () => {
    const result = readBody(readPayload("kibana-webhook-template-error.txt"));
    expect(result).toMatchObject({ kind: "unreadable", reason: "template_error" });
    expect(result).toMatchObject({ detail: expect.stringContaining("Unclosed tag at 19") });
  });

  it("unescaped Windows paths keep their backslashes", () => {
    const { document, repaired } = readOnly(
      "asp-raw-alert-edr-vssadmin-delete-shadows.invalid.json.txt",
    );
    expect(document["process.executable"]).toBe("C:\\Windows\\System32\\vssadmin.exe");
    expect(object(document["process"])["working_directory"]).toBe("C:\\Windows\\System32");
    expect(repaired).toEqual(["invalid_escape"]);
  });
});
