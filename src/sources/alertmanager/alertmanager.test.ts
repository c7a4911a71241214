import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../source.ts";
import { alertmanagerSource } from "./index.ts";

const context = (settings: object = {}) => ({
  config: alertmanagerSource.config.parse(settings),
  name: "am",
  kind: "alertmanager",
});
const START = "2026-03-01T09:00:00Z";

const decode = (body: JsonValue) => alertmanagerSource.decode(body, context());

function eventOf(alert: JsonObject, around: JsonObject = {}) {
  const complete = { labels: { alertname: "A" }, startsAt: START, ...alert };
  const [event] = decode({ ...around, alerts: [complete] }).events;
  return event ?? expect.unreachable("no event");
}

function normalise(alert: JsonObject, settings: object = {}, around: JsonObject = {}) {
  const { stream, document } = eventOf(alert, around);
  const event = { stream, document, received_at: 0, repaired: [] };
  return alertmanagerSource.normalise(event, context(settings));
}

describe("what stands around many alerts", () => {
  const alerts = Array.from({ length: 100 }, (_, index) => ({
    labels: { alertname: `A${index}` },
    startsAt: START,
  }));

  it("stands with each of them", () => {
    const [, second] = decode({ groupKey: "g", alerts }).events;
    expect(second?.document).toEqual({ groupKey: "g", alerts: [alerts[1]] });
    expect(second?.repaired).toEqual([]);
  });

  it("is left out where it is long, but for what is read of it", () => {
    const long = { message: "x".repeat(10_000), status: "resolved", orgId: 7, truncatedAlerts: 2 };
    const { events } = decode({ ...long, alerts });
    expect(events[99]).toMatchObject({
      version: "resolved",
      document: { status: "resolved", orgId: "7", truncatedAlerts: "2", alerts: [alerts[99]] },
      repaired: ["envelope_left_out"],
    });
    expect(JSON.stringify(events.map(({ document }) => document)).length).toBeLessThan(20_000);
    const [event = expect.unreachable("no event")] = events;
    const { alert } = alertmanagerSource.normalise(
      { ...event, received_at: 0, repaired: [] },
      context(),
    );
    expect(alert.source.space).toBe("7");
    expect(alert.status).toBe("closed");
    expect(alert.provenance.flags).toContainEqual(expect.stringContaining("2 of the group"));
  });

  it("stays whole with one alert, which is the body as it came", () => {
    const body = { message: "x".repeat(10_000), alerts: alerts.slice(0, 1) };
    expect(decode(body).events).toMatchObject([{ document: body }]);
  });
});

describe("identity of an alert", () => {
  it("is its fingerprint and its start, whatever else the notification holds", () => {
    const first = eventOf({ fingerprint: "f", annotations: { a: "1" } });
    const second = eventOf({ fingerprint: "f", status: "resolved" }, { groupKey: "other" });
    expect([first.key, second.key]).toEqual([`alertmanager:am:f/${START}`, first.key]);
    expect([first.version, second.version]).toEqual([null, "resolved"]);
  });

  it("differs with the start: it fires again", () => {
    const again = eventOf({ fingerprint: "f", startsAt: "2026-03-02T09:00:00Z" });
    expect(again.key).not.toBe(eventOf({ fingerprint: "f" }).key);
  });

  it("is of the labels in any order where there is no fingerprint", () => {
    const key = (labels: JsonObject) => eventOf({ labels }).key;
    expect(key({ alertname: "A", a: "1" })).toBe(key({ a: "1", alertname: "A" }));
    expect(key({ alertname: "A", a: "1" })).not.toBe(key({ alertname: "A", a: "2" }));
  });

  it.each([[null], ["0001-01-01T00:00:00Z"], ["soon"]])(
    "is unknown with %j for a start, so that no later alarm is lost",
    (startsAt) => {
      const alert = { fingerprint: "f", startsAt };
      expect(eventOf(alert).key).toBeNull();
      expect(normalise(alert).updates).toBeUndefined();
    },
  );

  it("is bounded in what it updates as it is in the log", () => {
    const { updates } = normalise({
      fingerprint: "f".repeat(190),
      startsAt: `${START}${" ".repeat(80)}`,
    });
    expect(updates?.length).toBeLessThanOrEqual(256);
  });
});

describe("status of an alert", () => {
  it.each([
    [{ status: "firing" }, {}, "new"],
    [{ status: "resolved" }, {}, "closed"],
    [{}, { status: "resolved" }, "closed"],
    [{ status: "firing" }, { status: "resolved" }, "new"],
    [{}, {}, "new"],
  ])("of %j in %j is %s", (alert, around, status) => {
    expect(normalise(alert, {}, around).alert.status).toBe(status);
  });

  it("that is not known leaves it open, and is flagged", () => {
    const { alert } = normalise({ status: "gone" });
    expect(alert.status).toBe("new");
    expect(alert.provenance.flags).toContain('status: "gone" is not known');
  });

  it("says when it was resolved, and says nothing of an unset end", () => {
    const reason = (endsAt: string) => normalise({ status: "resolved", endsAt }).alert.reason;
    expect(reason("2026-03-01T10:00:00Z")).toBe("resolved at 2026-03-01T10:00:00.000Z");
    expect(reason("0001-01-01T00:00:00Z")).toBeNull();
  });
});

describe("severity of an alert", () => {
  it.each([
    ["critical", {}, "critical"],
    ["warning", {}, "medium"],
    ["info", {}, "informational"],
    ["none", {}, "informational"],
    ["PAGE", {}, "critical"],
    ["page", { severity_map: { Page: "low" } }, "low"],
    ["3", { severity_map: { "3": "high" } }, "high"],
    ["3", {}, "unknown"],
  ])("%s with %j is %s", (severity, settings, expected) => {
    expect(normalise({ labels: { severity } }, settings).alert.severity).toBe(expected);
  });

  it("comes from the label that is asked for, which is then no tag", () => {
    const labels = { alertname: "A", level: "high", severity: "low" };
    const { alert } = normalise({ labels }, { severity_label: "level" });
    expect([alert.severity, alert.tags]).toEqual(["high", ["severity=low"]]);
  });
});

describe("artifacts in labels", () => {
  const found = (labels: JsonObject) => {
    const { artifacts, provenance } = normalise({ labels }).alert;
    expect(provenance.flags.filter((flag) => !flag.startsWith("rule.name"))).toEqual([]);
    return artifacts.map(({ type, value, role }) => `${type} ${value} ${role}`);
  };

  it.each([
    [{ instance: "web-01:9100" }, ["hostname web-01 target"]],
    [{ instance: "192.0.2.7:9100" }, ["ip 192.0.2.7 target"]],
    [{ instance: "[2001:db8::1]:9100" }, ["ip 2001:db8::1 target"]],
    [{ instance: "https://a.example/x" }, ["url https://a.example/x target"]],
    [{ instance: "not a host" }, []],
    [
      { nodename: "k8s-1", src_ip: "198.51.100.7" },
      ["hostname k8s-1 target", "ip 198.51.100.7 source"],
    ],
    [{ ip: "nonsense", hash: "123" }, []],
  ])("of %j are %j", (labels: JsonObject, expected) => {
    expect(found(labels)).toEqual(expected);
  });
});

describe("a body", () => {
  it.each([
    ["text", "not_an_object"],
    [{}, "not_an_alert"],
    [{ alerts: {} }, "not_an_alert"],
    [{ alerts: [7] }, "not_an_object"],
    [{ alerts: [{ labels: [] }] }, "not_an_alert"],
    [{ alerts: [], truncatedAlerts: 4 }, "not_an_alert"],
  ] satisfies [JsonValue, string][])("of %j is rejected", (body, reason) => {
    expect(decode(body)).toMatchObject({ events: [], rejected: [{ reason }] });
  });

  it("with one alert is kept as it came, and with several is taken apart", () => {
    const one = { alerts: [{ labels: { alertname: "A" } }] };
    expect(decode(one).events[0]?.document).toBe(one);
    const two = { receiver: "r", alerts: [{ labels: { a: "1" } }, { labels: { a: "2" } }] };
    const documents = decode(two).events.map(({ document }) => document);
    expect(documents).toEqual([
      { receiver: "r", alerts: [{ labels: { a: "1" } }] },
      { receiver: "r", alerts: [{ labels: { a: "2" } }] },
    ]);
  });
});
