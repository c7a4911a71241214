import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../source.ts";
import { sentinelSource } from "./index.ts";

const context = { config: {}, name: "azure", kind: "sentinel" };
const TYPE = "Microsoft.SecurityInsights/incidents";
const decode = (body: JsonValue) => sentinelSource.decode(body, context);

function eventOf(body: JsonObject) {
  return decode(body).events[0] ?? expect.unreachable("no event");
}

function normalise(body: JsonObject) {
  const { stream, document } = eventOf(body);
  return sentinelSource.normalise({ stream, document, received_at: 0, repaired: [] }, context);
}

const incident = (properties: JsonObject = {}, more: JsonObject = {}) => ({
  name: "g1",
  type: TYPE,
  properties: { title: "T", ...properties },
  ...more,
});

describe("identity of an incident", () => {
  it("is its GUID, in every state of it", () => {
    const first = eventOf(incident({ status: "New" }, { etag: '"1"' }));
    const later = eventOf(incident({ status: "Closed" }, { etag: '"2"' }));
    expect([first.key, later.key]).toEqual(["sentinel:azure:g1", "sentinel:azure:g1"]);
    expect([first.version, later.version]).toEqual(['"1"', '"2"']);
  });

  it("is the same in what the trigger of a playbook hands on", () => {
    const inner = incident({}, { etag: "e" });
    expect(eventOf({ object: inner })).toMatchObject({ key: "sentinel:azure:g1", version: "e" });
    expect(normalise({ object: inner }).updates).toBe("sentinel:azure:g1");
  });

  it("is the end of its resource id where it has no name", () => {
    expect(eventOf(incident({}, { name: null, id: "/a/b/g2" })).key).toBe("sentinel:azure:g2");
  });

  it("is unknown without both", () => {
    const body = incident({}, { name: "" });
    expect(eventOf(body).key).toBeNull();
    expect(normalise(body).updates).toBeUndefined();
  });
});

describe("status of an incident", () => {
  const lastModifiedTimeUtc = "2026-03-01T10:00:00Z";
  it.each([
    ["New", "new", null],
    ["Active", "acknowledged", "2026-03-01T10:00:00.000Z"],
    ["Closed", "closed", "2026-03-01T10:00:00.000Z"],
  ])("%s is %s, set at %j", (word, status, status_changed_at) => {
    const { alert } = normalise(incident({ status: word, lastModifiedTimeUtc }));
    expect(alert).toMatchObject({ status, status_changed_at, provenance: { flags: [] } });
  });

  it("that is not known leaves it open, and is flagged", () => {
    const { alert } = normalise(incident({ status: "constructor" }));
    expect(alert.status).toBe("new");
    expect(alert.provenance.flags).toEqual(['status: "constructor" is not known']);
  });

  it.each([
    ["TruePositive", "true_positive"],
    ["BenignPositive", "benign"],
    ["FalsePositive", "false_positive"],
    ["Undetermined", "undetermined"],
    ["Other", "Other"],
  ])("comes with the verdict %s as %s", (classification, verdict) => {
    expect(normalise(incident({ classification })).alert.verdict).toBe(verdict);
  });
});

describe("entities", () => {
  const found = (entity: JsonValue) => {
    const { alert } = normalise(incident({}, { Entities: [entity] }));
    return alert.artifacts.map(({ type, value }) => `${type} ${value}`);
  };

  it.each<[JsonValue, string[]]>([
    [{ Type: "account", Name: "ann" }, ["account ann"]],
    [{ Type: "account", Name: "ann@lab.example", UPNSuffix: "x" }, ["account ann@lab.example"]],
    [{ kind: "Account", name: "guid", properties: { displayName: "Ann" } }, ["account Ann"]],
    [{ Type: "host", NetBiosName: "LT-1" }, ["hostname lt-1"]],
    [{ Type: "host", HostName: "a.lab.example", DnsDomain: "x" }, ["hostname a.lab.example"]],
    [{ Type: "dns", DomainName: "a.example" }, ["domain a.example"]],
    [{ Type: "file", Name: "a.exe" }, ["file_name a.exe"]],
    [{ Type: "registry-key", Hive: "HKLM", Key: "Run" }, ["registry_key HKLM\\Run"]],
    [{ Type: "iotdevice", FriendlyName: "cam" }, ["other cam"]],
    [{ Type: "constructor" }, []],
    [{}, []],
    ["text", []],
    [null, []],
  ])("%j gives %j", (entity, expected) => {
    expect(found(entity)).toEqual(expected);
  });

  it("that are no list give nothing", () => {
    const row = { SystemAlertId: "a", Entities: "[{broken" };
    expect(normalise(row).alert.artifacts).toEqual([]);
  });
});

describe("an alert of Azure Monitor", () => {
  const body = (essentials: JsonObject) => ({
    schemaId: "azureMonitorCommonAlertSchema",
    data: { essentials: { alertId: "/a/1", alertRule: "R", ...essentials } },
  });

  it("is closed by its resolution", () => {
    const fired = eventOf(body({ monitorCondition: "Fired" }));
    const resolved = eventOf(body({ monitorCondition: "Resolved" }));
    expect([fired.key, fired.version]).toEqual(["sentinel:azure:/a/1", null]);
    expect([resolved.key, resolved.version]).toEqual([fired.key, "resolved"]);
    expect(normalise(body({ monitorCondition: "Resolved" })).alert.status).toBe("closed");
  });

  it.each([
    ["Sev0", "critical"],
    ["Sev1", "high"],
    ["Sev2", "medium"],
    ["Sev3", "informational"],
    ["Sev4", "informational"],
    ["Sev9", "unknown"],
  ])("of %s is %s", (severity, expected) => {
    expect(normalise(body({ severity })).alert.severity).toBe(expected);
  });
});

it.each([
  ["text", "not_an_object"],
  [{}, "not_an_alert"],
  [{ properties: { title: "x" } }, "not_an_alert"],
  [{ object: "x" }, "not_an_alert"],
  [{ DisplayName: "x" }, "not_an_alert"],
] satisfies [JsonValue, string][])("rejects %j", (body, reason) => {
  expect(decode(body)).toMatchObject({ events: [], rejected: [{ reason }] });
});

describe("JSON in a string that is nested without end", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  it.each([
    ["Tactics", deep],
    ["RemediationSteps", deep],
    ["Entities", `[{"Type": "ip", "Address": ${deep}}]`],
    ["ExtendedProperties", `{"Analytic Rule Name": ${deep}}`],
  ])("is a text in %s", (column, text) => {
    const row = { SystemAlertId: "1", AlertName: "A", AlertSeverity: "High", [column]: text };
    expect(normalise(row).alert).toMatchObject({ title: "A", severity: "high", artifacts: [] });
  });
});
