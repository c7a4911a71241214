import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../source.ts";
import { wazuhSource } from "./index.ts";

const context = (settings: object = {}) => ({
  config: wazuhSource.config.parse(settings),
  name: "w",
  kind: "wazuh",
});
const decode = (body: JsonValue) => wazuhSource.decode(body, context());

function alertOf(body: JsonObject, settings: object = {}) {
  const { stream, document } = decode(body).events[0] ?? expect.unreachable("no event");
  const event = { stream, document, received_at: 0, repaired: [] };
  return wazuhSource.normalise(event, context(settings)).alert;
}

const rule = { level: 5, description: "D", id: "1" };

describe("identity of an alert", () => {
  const key = (body: JsonObject) => decode({ rule, ...body }).events[0]?.key;

  it("is its id at its manager", () => {
    expect(key({ id: "1.2", manager: { name: "m" } })).toBe("wazuh:w:m/1.2");
    expect(key({ id: "1.2", manager: { name: "n" } })).not.toBe("wazuh:w:m/1.2");
  });

  it("is unknown without an id", () => {
    expect(key({ manager: { name: "m" } })).toBeNull();
  });
});

describe("severity by level", () => {
  it.each([
    [0, "low"],
    [6, "low"],
    [7, "medium"],
    ["11", "medium"],
    [12, "high"],
    [14, "high"],
    ["15", "critical"],
    [16, "critical"],
    [17, "unknown"],
    [-1, "unknown"],
    ["7.5", "unknown"],
    ["seven", "unknown"],
  ])("%j is %s, and is flagged when it is no level", (level, severity) => {
    const alert = alertOf({ rule: { ...rule, level } });
    expect([alert.severity, alert.severity_original]).toEqual([severity, String(level)]);
    expect(alert.provenance.flags).toHaveLength(severity === "unknown" ? 1 : 0);
  });

  it("is the operator's where that is said", () => {
    expect(alertOf({ rule }, { severity_map: { "5": "high" } }).severity).toBe("high");
  });
});

describe("ATT&CK of a rule", () => {
  const ids = (mitre: JsonObject) =>
    alertOf({ rule: { ...rule, mitre } }).attack.map(({ tactic, technique, subtechnique }) =>
      [tactic?.id, technique?.id, subtechnique?.id].filter(Boolean).join("/"),
    );

  it("joins tactic and technique only where there is one tactic", () => {
    expect(ids({ id: ["T1110"], tactic: ["Credential Access"] })).toEqual(["TA0006/T1110"]);
    const several = { id: ["T1078"], tactic: ["Persistence", "Initial Access"] };
    expect(ids(several)).toEqual(["TA0003", "TA0001", "T1078"]);
  });

  it("names techniques only where there is a name for each id", () => {
    const mitre = { id: ["T1110", "T1078"], technique: ["Brute Force"] };
    const names = alertOf({ rule: { ...rule, mitre } }).attack.map(
      ({ technique }) => technique?.name,
    );
    expect(names).toEqual([null, null]);
  });
});

it("leaves out what agents and web servers write where they know no address", () => {
  const body = { rule, agent: { name: "web-01", ip: "any" }, data: { url: "/login", srcip: "-" } };
  const alert = alertOf(body);
  expect(alert.artifacts.map(({ value }) => value)).toEqual(["web-01"]);
  expect(alert.provenance.flags).toEqual([]);
});

it.each([
  ["text", "not_an_object"],
  [{}, "not_an_alert"],
  [{ rule: "x" }, "not_an_alert"],
  [{ message: "x" }, "not_an_alert"],
] satisfies [JsonValue, string][])("rejects %j", (body, reason) => {
  expect(decode(body)).toMatchObject({ events: [], rejected: [{ reason }] });
});
