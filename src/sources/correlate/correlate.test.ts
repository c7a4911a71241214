import { describe, expect, it } from "vitest";
import { alertContentSchema } from "../../alert/schema.ts";
import type { JsonObject } from "../source.ts";
import { correlateSource } from "./index.ts";

const match: JsonObject = {
  policy: "brute-force",
  title: null,
  severity: "high",
  by: { "user.name": "ann" },
  at: "2026-03-04T10:04:00.000Z",
  first_at: "2026-03-04T10:00:00.000Z",
  count: 11,
  within: 300_000,
  sequence: false,
  parts: [
    { id: "A", title: "Failed login", at: "2026-03-04T10:00:00.000Z" },
    { id: "B", title: "Failed login", at: "2026-03-04T10:04:00.000Z" },
  ],
  artifacts: [
    { type: "account", value: "ann", role: "target" },
    { type: "ip", value: "192.0.2.1", role: "source" },
  ],
};

function normalise(changes: JsonObject = {}) {
  const document = { ...match, ...changes };
  const event = { stream: "brute-force", document, received_at: 0, repaired: [] };
  const context = { config: {}, name: "correlate", kind: "correlate" };
  const normalised = correlateSource.normalise(event, context);
  expect(alertContentSchema.parse(normalised.alert)).toEqual(normalised.alert);
  return normalised;
}

describe("a match of several events", () => {
  it("becomes an alert of its own that names its events", () => {
    const { alert, parts, subject } = normalise();
    expect(alert).toMatchObject({
      source: { name: "correlate", kind: "correlate", vendor: "Tocsin" },
      title: "brute-force: ann (11 events)",
      reason: "11 events by user.name ann within 5m",
      severity: "high",
      event_time: "2026-03-04T10:04:00.000Z",
      rule: { id: "brute-force", name: "brute-force" },
    });
    expect([parts, subject]).toEqual([["A", "B"], undefined]);
  });

  it("has the title that the policy gives", () =>
    expect(normalise({ title: "Passwords\nare tried" }).alert.title).toBe("Passwords are tried"));

  it.each([
    [{ sequence: true, count: 2 }, "2 events in order by user.name ann within 5m"],
    [{ by: {} }, "11 events within 5m"],
    [{ by: { "a.b": "x", c: "y" }, within: 90_000 }, "11 events by a.b x, c y within 90s"],
    [{ within: 86_400_000 }, "11 events by user.name ann within 1d"],
    [{ within: 1500 }, "11 events by user.name ann within 1500ms"],
  ])("says in words what was found: %j", (changes, reason) =>
    expect(normalise(changes).alert.reason).toBe(reason),
  );

  it("has no values in its title when there are none in common", () =>
    expect(normalise({ by: {} }).alert.title).toBe("brute-force (11 events)"));

  it("takes over artifacts with the part they played, and adds the values in common", () => {
    const found = (by: JsonObject) =>
      normalise({ by }).alert.artifacts.map(({ type, value, role }) => `${type} ${value} ${role}`);
    const given = ["account ann target", "ip 192.0.2.1 source"];
    expect(found({ "user.name": "ann" })).toEqual(given);
    expect(found({ "user.name": "bob", "host.name": "web" })).toEqual([
      ...given,
      "account bob related",
      "hostname web related",
    ]);
    expect(found({ "source.ip": "192.0.2.7", "destination.ip": "192.0.2.1" })).toEqual([
      ...given,
      "ip 192.0.2.7 source",
      "ip 192.0.2.1 destination",
    ]);
    expect(found({ "rule.name": "Login" })).toEqual(given);
  });

  it("reads what is no match of this version as far as it goes", () => {
    const odd = { policy: 7, by: [], parts: "x", artifacts: [null, { type: "no" }], count: "x" };
    const { alert, parts } = normalise({ ...odd, within: null, at: "later", severity: "odd" });
    expect(alert).toMatchObject({ title: "7 (0 events)", severity: "unknown", event_time: null });
    expect(parts).toEqual([]);
  });
});
