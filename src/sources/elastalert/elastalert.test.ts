import { describe, expect, it } from "vitest";
import type { JsonObject } from "../source.ts";
import { elastalertSource } from "./index.ts";

const context = (settings: object = {}) => ({
  config: elastalertSource.config.parse(settings),
  name: "ea",
  kind: "elastalert",
});

function eventOf(body: JsonObject, settings: object = {}) {
  const [event] = elastalertSource.decode(body, context(settings)).events;
  return event ?? expect.unreachable("no event");
}

function alertOf(body: JsonObject, settings: object = {}) {
  const { stream, document } = eventOf(body, settings);
  const event = { stream, document, received_at: 0, repaired: [] };
  return elastalertSource.normalise(event, context(settings)).alert;
}

const match = { _index: "logs", _id: "1", message: "m" };

describe("identity of a match", () => {
  it("is its document and its rule, for several rules may match one document", () => {
    const a = eventOf({ ...match, rule_name: "a" }).key;
    expect(a).toBe("elastalert:ea:es:logs/1#a");
    expect(eventOf({ ...match, rule_name: "b" }).key).not.toBe(a);
  });

  it("without a rule is told by the rest of the body, but not by what is counted", () => {
    const key = eventOf({ ...match, num_hits: 1 }).key;
    expect(eventOf({ ...match, num_hits: 9 }).key).toBe(key);
    expect(eventOf({ ...match, num_hits: 1, team: "x" }).key).not.toBe(key);
  });

  it("is unknown where no document is named", () => {
    expect(eventOf({ message: "m", rule_name: "a" }).key).toBeNull();
  });
});

describe("the rule", () => {
  it("is named by the member that is asked for", () => {
    const body = { ...match, rule: { name: "sensor's" }, alert_name: "mine" };
    expect(eventOf(body, { rule_field: "alert_name" }).stream).toBe("mine");
    expect(alertOf(body, { rule_field: "alert_name" }).rule.name).toBe("mine");
  });

  it("is not made up: the source's name stands for the stream", () => {
    expect(eventOf(match).stream).toBe("ea");
    expect(alertOf(match).rule.name).toBeNull();
  });
});

describe("what is read of a match", () => {
  it("is a title of the payload before the document's words", () => {
    expect(alertOf({ ...match, alert_subject: "S", rule_name: "R" }).title).toBe("S");
    expect(alertOf(match).title).toBe("m");
  });

  it("is a severity only where somebody wrote one", () => {
    expect(alertOf(match)).toMatchObject({ severity: "unknown", severity_original: null });
    const alert = alertOf({ ...match, severity: "P2" }, { severity_map: { p2: "high" } });
    expect(alert).toMatchObject({ severity: "high", severity_original: "P2" });
  });

  it("is the detection itself where ElastAlert hands on an alert of Kibana", () => {
    const body = { "kibana.alert.uuid": "u", "kibana.alert.rule.name": "K", rule_name: "forward" };
    expect(alertOf({ ...body, "kibana.alert.severity": "low" })).toMatchObject({
      source: { vendor: "Elastic" },
      rule: { name: "K" },
      severity: "low",
    });
    expect(eventOf(body).key).toBe("elastalert:ea:kibana.alert.uuid:u#forward");
  });

  it("are artifacts under ECS names and under plain ones", () => {
    const body = { source: { ip: "192.0.2.1" }, username: "ann", md5: "not a hash" };
    const { artifacts, provenance } = alertOf(body);
    expect(artifacts.map(({ type }) => type).toSorted()).toEqual(["account", "ip", "other"]);
    expect(provenance.flags).toEqual(["title: not found", "md5: not a hash"]);
  });
});
