import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../source.ts";
import { splunkSource } from "./index.ts";

const context = { config: {}, name: "splunk", kind: "splunk" };

const decode = (body: JsonValue) => splunkSource.decode(body, context);

function eventOf(body: JsonObject) {
  const [event] = decode(body).events;
  return event ?? expect.unreachable("no event");
}

function alertOf(result: JsonObject, body: JsonObject = { sid: "s1" }) {
  const { stream, document } = eventOf({ ...body, result });
  const event = { stream, document, received_at: 0, repaired: [] };
  return splunkSource.normalise(event, context).alert;
}

describe("identity of a Splunk alert", () => {
  const body = { sid: "s1", search_name: "a", result: { host: "h", count: "1", _serial: "0" } };

  it("is the same whatever the row's number, the server that answered and the order of fields", () => {
    const again = { count: "1", _serial: "7", host: "h", _si: ["idx-2", "main"] };
    expect(eventOf({ ...body, result: again }).key).toBe(eventOf(body).key);
  });

  it("differs with the row and with the search's run", () => {
    const key = eventOf(body).key;
    expect(eventOf({ ...body, result: { ...body.result, count: "2" } }).key).not.toBe(key);
    expect(eventOf({ ...body, sid: "s2" }).key).not.toBe(key);
  });

  it("is unknown without the id of the search", () => {
    expect(eventOf({ search_name: "a", result: { host: "h" } }).key).toBeNull();
  });

  it("is the notable's own id wherever the notable was found", () => {
    const event_id = "6f8a@@notable@@12";
    const first = eventOf({ ...body, result: { event_id, urgency: "low" } });
    const second = eventOf({ sid: "s9", result: { event_id, urgency: "high" } });
    expect([first.key, second.key]).toEqual([`splunk:${event_id}`, `splunk:${event_id}`]);
  });

  it("is not the event_id of an ordinary row, which a whole log may share", () => {
    const logon = (user: string) => eventOf({ sid: "s1", result: { event_id: "4625", user } }).key;
    expect(logon("ann")).not.toBe(logon("bob"));
    expect(logon("ann")).toMatch(/^splunk:s1\//);
  });
});

describe("the shape of a Splunk body", () => {
  it("may hold several rows: each is an event of its own", () => {
    const { events } = decode({ sid: "s1", result: [{ host: "a" }, { host: "b" }] });
    expect(events.map(({ document }) => document["result"])).toEqual([
      { host: "a" },
      { host: "b" },
    ]);
    expect(new Set(events.map(({ key }) => key)).size).toBe(2);
  });

  it("without rows is empty and says so", () => {
    expect(decode({ sid: "s1", result: [] })).toMatchObject({ events: [], empty: "no_hits" });
  });

  it("may lack the row", () => {
    expect(eventOf({ search_name: "Disk full" }).stream).toBe("Disk full");
  });

  it.each([[{}], [{ a: 1 }], [{ result: "text" }]])("of %j is no alert", (body) => {
    expect(decode(body).rejected).toMatchObject([{ reason: "not_an_alert" }]);
  });

  it.each([["text"], [null], [7]])("of %j is no object", (body) => {
    const { rejected } = decode(body);
    expect(rejected).toMatchObject([{ reason: "not_an_object" }]);
    expect(Buffer.from(rejected[0]?.bytes ?? []).toString()).toBe(JSON.stringify(body));
  });

  it("names an unnamed search by its rule, then its signature, then its id", () => {
    const name = (result: JsonObject) => eventOf({ sid: "s1", search_name: null, result }).stream;
    expect(name({ rule_name: "rule", signature: "sig" })).toBe("rule");
    expect(name({ signature: "sig" })).toBe("sig");
    expect(name({})).toBe("Splunk search s1");
  });
});

describe("severity of a Splunk alert", () => {
  it.each([
    [{ urgency: "5", severity: "low" }, "critical", "5"],
    [{ urgency: "1" }, "informational", "1"],
    [{ urgency: "unknown", severity: "high" }, "high", "high"],
    [{ priority: "medium" }, "medium", "medium"],
    [{ severity: "3" }, "medium", "3"],
    [{ urgency: "0" }, "unknown", "0"],
    [{}, "unknown", null],
  ])("of %j is %s", (row, severity, severity_original) => {
    const alert = alertOf(row);
    expect(alert).toMatchObject({ severity, severity_original });
    expect(alert.provenance.flags).toEqual([]);
  });

  it("that is not known is kept as it came and flagged", () => {
    expect(alertOf({ urgency: "purple" })).toMatchObject({
      severity: "unknown",
      severity_original: "purple",
      provenance: { flags: ['severity: "purple" is not known'] },
    });
  });
});

describe("ATT&CK in a row", () => {
  const ids = (row: JsonObject) => alertOf(row).attack.map(({ technique }) => technique?.id);

  it.each([
    [{ "annotations.mitre_attack": "T1110" }],
    [{ "annotations.mitre_attack.mitre_technique_id": ["T1110"] }],
    [{ mitre_attack_id: "T1110" }],
    [{ mitre_technique_id: "T1110" }],
    [{ annotations: '{"mitre_attack":["T1110"],"cis20":["CIS 8"]}' }],
    [{ annotations: { mitre_attack: ["T1110"] } }],
    [{ tag: ["attack", "T1110"] }],
  ])("is found in %j", (row: JsonObject) => {
    expect(ids(row)).toEqual(["T1110"]);
  });

  it("is not looked for in other fields", () => {
    expect(ids({ asset: "T1110" })).toEqual([]);
  });
});

describe("artifacts of a row", () => {
  const typed = (row: JsonObject) =>
    alertOf(row).artifacts.map(({ type, value, role }) => `${type} ${value} ${role}`);

  it("leave out CIM's filler and fan out multivalue fields", () => {
    expect(typed({ dest: ["unknown", "db-1"], user: "Unknown" })).toEqual([
      "hostname db-1 destination",
    ]);
  });

  it("include what a notable repeats of its first event and the risk object", () => {
    expect(typed({ orig_src: "192.0.2.1", risk_object: "ann", risk_object_type: "user" })).toEqual([
      "ip 192.0.2.1 source",
      "account ann related",
    ]);
  });
});
