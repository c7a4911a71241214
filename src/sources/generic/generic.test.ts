import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../source.ts";
import { expandKeys } from "./expression.ts";
import { genericSource } from "./index.ts";

function open(settings: object = {}) {
  const config = genericSource.config.parse(settings);
  return { config, name: "desk", kind: "generic" };
}

const decode = (body: JsonValue, settings?: object) => genericSource.decode(body, open(settings));

function alertOf(document: JsonObject, settings?: object) {
  const context = open(settings);
  const [event] = genericSource.decode(document, context).events;
  const stream = event?.stream ?? expect.unreachable("no event");
  return genericSource.normalise({ stream, document, received_at: 0, repaired: [] }, context).alert;
}

function problemsOf(settings: object): string[] {
  const result = genericSource.config.safeParse(settings);
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("the settings of a generic source", () => {
  it("refuse a template that does not parse, at its place and with a hint", () => {
    expect(problemsOf({ alert: { title: "{{ a | nope }}" } })).toEqual([
      expect.stringMatching(
        /^alert\.title: 1:\d+ undefined filter: nope — check the filter's name/,
      ),
    ]);
  });

  it("refuse an alert field that does not exist", () => {
    expect(problemsOf({ alert: { titel: "a" } })).toEqual([expect.stringContaining("titel")]);
  });

  it("refuse a severity off the scale", () => {
    expect(problemsOf({ severity_map: { P1: "urgent" } })).toHaveLength(1);
  });
});

describe("identity of a generic event", () => {
  const uuid = "3f2b8c1e-7a10-4c55-9d0e-0a1b2c3d4e5f";

  it.each([
    [{ id: uuid }, `generic:desk:${uuid}`],
    [{ event_id: "01J9ZZJAKS82TDZAE82E0WAENT" }, "generic:desk:01J9ZZJAKS82TDZAE82E0WAENT"],
    [{ alert_id: "9f86d081884c7d659a2feaa0" }, "generic:desk:9f86d081884c7d659a2feaa0"],
  ])("is guessed from %j", (body, key) => {
    expect(decode(body).events[0]?.key).toBe(key);
  });

  it.each([
    [{ id: 38 }],
    [{ id: "TestAlert" }],
    [{ id: "123456789012345678901234" }],
    [{ name: uuid }],
  ])("is not guessed from %j, which may be given twice", (body) => {
    expect(decode(body).events[0]?.key).toBeNull();
  });

  it("changes with the state when it is guessed", () => {
    const keys = ["firing", "resolved"].map((state) => decode({ id: uuid, state }).events[0]?.key);
    expect(keys).toEqual([`generic:desk:${uuid}/firing`, `generic:desk:${uuid}/resolved`]);
  });

  it("is taken as configured, whatever it looks like", () => {
    expect(decode({ n: 7 }, { id: "n" }).events[0]?.key).toBe("generic:desk:7");
    expect(decode({ m: 7 }, { id: "n" }).events[0]?.key).toBeNull();
  });
});

describe("the events of a generic body", () => {
  it("are all objects at the path, wherever arrays lie on it", () => {
    const body = { groups: [{ alerts: [{ a: 1 }] }, { alerts: [{ a: 2 }, { a: 3 }] }] };
    const { events } = decode(body, { items: "groups.alerts" });
    expect(events.map(({ document }) => document)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it("reject a body that has nothing at the path", () => {
    const { events, rejected } = decode({ a: 1 }, { items: "b.c" });
    expect(events).toEqual([]);
    expect(rejected).toMatchObject([{ reason: "not_an_alert", detail: "no events at b.c" }]);
  });

  it("reject what is no object and what is empty", () => {
    const { events, rejected } = decode({ x: [1, {}, { a: 1 }] }, { items: "x" });
    expect(events).toHaveLength(1);
    expect(rejected.map(({ reason }) => reason)).toEqual(["not_an_object", "not_an_alert"]);
  });
});

describe("the fields of a generic alert", () => {
  it("come from the configuration and nowhere else where it names them", () => {
    const body = { severity: "critical", grade: "low", text: "x" };
    expect(alertOf(body, { alert: { severity: "grade" } }).severity).toBe("low");
    const missing = alertOf(body, { alert: { severity: "absent" } });
    expect(missing.severity).toBe("unknown");
    expect(missing.provenance.flags).toEqual(["severity: nothing found at absent"]);
  });

  it("fall back on common names for the title, which an alert must have", () => {
    const alert = alertOf({ message: "disk full" }, { alert: { title: "{{ headline }}" } });
    expect(alert.title).toBe("disk full");
  });

  it("are read from flat, nested and listed values alike", () => {
    const settings = { alert: { title: "rule.name", "external.id": "ids.0" } };
    const alert = alertOf({ "rule.name": "flat", ids: [12, 13] }, settings);
    expect(alert).toMatchObject({ title: "flat", external: { id: "12" } });
    expect(alertOf({ rule: { name: "nested" } }, settings).title).toBe("nested");
  });

  it("are left open, and flagged, when a template passes its limits", () => {
    const settings = { alert: { reason: "{% for i in (1..999999999) %}{{ i }}{% endfor %}" } };
    const alert = alertOf({ title: "a" }, settings);
    expect(alert.reason).toBeNull();
    expect(alert.provenance.flags.join()).toContain("memory alloc limit exceeded");
  });

  it("do not take an id for a title or a trap for the way back", () => {
    const body = {
      name: "3f2b8c1e-7a10-4c55-9d0e-0a1b2c3d4e5f",
      message: "phish",
      url: "https://trap.example/",
    };
    expect(alertOf(body)).toMatchObject({ title: "phish", external: { url: null } });
  });

  it("know the severity map before the common words", () => {
    const settings = { severity_map: { P1: "low", high: "critical" } };
    expect(alertOf({ priority: "P1" }, settings).severity).toBe("low");
    expect(alertOf({ priority: "p1" }, settings).severity).toBe("low");
    expect(alertOf({ severity: "high" }, settings).severity).toBe("critical");
  });
});

describe("expandKeys", () => {
  it("makes dotted keys reachable part by part and keeps what is nested", () => {
    const object = { "host.name": "a", "user.id": 1, user: { id: 2, name: "b" } };
    expect(expandKeys(object)).toMatchObject({
      host: { name: "a" },
      user: { id: 2, name: "b" },
      "host.name": "a",
    });
  });

  it("does not touch prototypes", () => {
    const hostile = JSON.parse('{"__proto__":{"a":1},"__proto__.b":2,"constructor.prototype.c":3}');
    const expanded = expandKeys(hostile);
    expect(Object.getPrototypeOf(expanded)).toBe(Object.prototype);
    expect([({} as JsonObject)["b"], ({} as JsonObject)["c"]]).toEqual([undefined, undefined]);
  });
});
