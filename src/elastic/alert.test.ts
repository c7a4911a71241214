import { describe, expect, it } from "vitest";
import { alertContentSchema } from "../alert/schema.ts";
import { type ElasticContext, normaliseElastic, resolveLink } from "./alert.ts";
import { openDocument } from "./document.ts";
import { streamOf } from "./rule.ts";

const context: ElasticContext = { name: "n", kind: "k", product: "P", repaired: [] };

function normalise(raw: Record<string, unknown>, more: Partial<ElasticContext> = {}) {
  return normaliseElastic(openDocument(raw), { ...context, ...more });
}

describe("normaliseElastic", () => {
  it("takes the alert's severity and score over the rule's", () => {
    const raw = {
      "kibana.alert.rule.name": "r",
      "kibana.alert.severity": "critical",
      "kibana.alert.rule.severity": "low",
      "kibana.alert.risk_score": 99,
      "kibana.alert.rule.risk_score": 21,
    };
    expect(normalise(raw)).toMatchObject({ severity: "critical", risk_score: 99 });
  });

  it("says when the status was set as soon as it was changed once, also back to open", () => {
    const at = "kibana.alert.workflow_status_updated_at";
    const status = "kibana.alert.workflow_status";
    expect(normalise({ [status]: "open" }).status_changed_at).toBeNull();
    const reopened = normalise({ [status]: "open", [at]: "2026-03-04T11:00:00.5+01:00" });
    expect(reopened).toMatchObject({
      status: "new",
      status_changed_at: "2026-03-04T10:00:00.500Z",
    });
    const odd = normalise({ [status]: "closed", [at]: "lately" });
    expect(odd).toMatchObject({ status: "closed", status_changed_at: null });
    expect(odd.provenance.flags).toContain("status_changed_at: not a time");
  });

  it("falls back to the rule's severity", () => {
    const raw = {
      kibana: { alert: { rule: { name: "r", severity: "medium", risk_score: "47" } } },
    };
    expect(normalise(raw)).toMatchObject({ severity: "medium", risk_score: 47 });
  });

  it("keeps a severity it does not know, with a flag", () => {
    const alert = normalise({ "kibana.alert.rule.name": "r", "kibana.alert.severity": "spicy" });
    expect(alert).toMatchObject({ severity: "unknown", severity_original: "spicy" });
    expect(alert.provenance.flags).toEqual(["severity: not known"]);
  });

  it("fills from the message what the document leaves open, and only that", () => {
    const facts = {
      rule: { name: "from message", id: "m-1" },
      severity: "low",
      reason: "why",
      space: "s",
    };
    const alert = normalise(
      { "kibana.alert.rule.name": "own", "kibana.alert.severity": "high" },
      { facts },
    );
    expect(alert).toMatchObject({ title: "own", severity: "high", reason: "why" });
    expect(alert.rule).toMatchObject({ name: "own", id: "m-1" });
    expect(alert.source.space).toBe("s");
  });

  it("names a hit after the rule that matched, not after the sensor's rule", () => {
    const raw = { _source: { rule: { name: "sensor rule", id: "7" } } };
    const known = normalise(raw, { facts: { rule: { name: "kibana rule" } } });
    expect([known.title, known.rule.id]).toEqual(["kibana rule", null]);
    const unknown = normalise(raw);
    expect([unknown.title, unknown.rule.id]).toEqual(["sensor rule", "7"]);
  });

  it("tells what happened from what was raised", () => {
    const stamp = "2026-01-02T03:04:05.000Z";
    expect(normalise({ "@timestamp": stamp })).toMatchObject({
      event_time: stamp,
      detected_at: null,
    });
    const raised = normalise({ "@timestamp": stamp, "kibana.alert.rule.name": "r" });
    expect(raised).toMatchObject({ event_time: null, detected_at: stamp });
    const message = normalise({ "@timestamp": stamp }, { isMessage: true });
    expect(message).toMatchObject({ event_time: null, detected_at: stamp });
  });

  it.each([
    ["open", "new"],
    ["acknowledged", "acknowledged"],
    ["in-progress", "acknowledged"],
    ["closed", "closed"],
    ["constructor", "new"],
  ])("reads workflow status %s as %s", (word, status) => {
    expect(normalise({ "kibana.alert.workflow_status": word }).status).toBe(status);
    expect(normalise({ signal: { status: word } }).status).toBe(status);
  });

  it("cleans and bounds the title", () => {
    const alert = normalise({ "kibana.alert.rule.name": `a\r\nb${"x".repeat(9000)}` });
    expect(alert.title.startsWith("a bxxx")).toBe(true);
    expect(alert.title.length).toBe(500);
  });

  it("makes a valid alert of any shape of nonsense", () => {
    const odd: unknown[] = [
      null,
      7,
      "",
      "x",
      [],
      {},
      [[]],
      [null],
      { keyword: "k" },
      { a: { b: 1 } },
      true,
      1e308,
      "\0",
    ];
    const paths = [
      "kibana",
      "signal",
      "kibana.alert.rule.name",
      "kibana.alert.rule.threat",
      "kibana.alert.severity",
      "kibana.alert.risk_score",
      "@timestamp",
      "host",
      "host.name",
      "source.ip",
      "user",
      "threat",
      "_source",
      "fields",
      "tags",
      "winlog.channel",
      "winlog.event_data.Hashes",
      "process.hash.md5",
      "kibana.alert.workflow_tags",
      "kibana.alert.url",
    ];
    for (const path of paths) {
      for (const value of odd) {
        const alert = normalise({ "kibana.alert.uuid": "u", [path]: value });
        expect(alertContentSchema.parse(alert)).toEqual(alert);
      }
    }
  });
});

describe("streamOf", () => {
  it("prefers names over ids and never is blank", () => {
    const signal = openDocument({ signal: { rule: { name: "legacy", id: "9" } } });
    expect(streamOf(signal)).toBe("legacy");
    expect(streamOf(signal, { name: "told", uuid: "u" })).toBe("told");
    expect(streamOf(signal, { uuid: "u" })).toBe("legacy");
    expect(streamOf(openDocument({}), { uuid: "u" })).toBe("u");
    expect(streamOf(openDocument({ "kibana.alert.rule.name": "\u0007" }))).toBe("unknown");
    expect(streamOf(openDocument({ rule: 12 }))).toBe("12");
  });
});

describe("resolveLink", () => {
  it.each([
    ["https://kb.example/app/x", null, "https://kb.example/app/x"],
    ["/app/x", "https://kb.example/base/", "https://kb.example/base/app/x"],
    ["/app/x", null, null],
    ["/app/x", "kb.example", null],
    ["javascript:alert(1)", null, null],
    ["http://", null, null],
    [null, "https://kb.example", null],
  ])("of %j with base %j is %j", (link, base, url) => expect(resolveLink(link, base)).toBe(url));
});
