import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../source.ts";
import { supernaSource } from "./index.ts";

const context = { config: {}, name: "storage", kind: "superna" };
const base = { id: "5_1", severity: "CRITICAL", state: "WARNING", user: "ann" };

const decode = (body: JsonValue) => supernaSource.decode(body, context);
const keyOf = (body: JsonObject) => decode(body).events[0]?.key;

function read(body: JsonObject) {
  const [event] = decode(body).events;
  const { stream, document } = event ?? expect.unreachable("no event");
  return supernaSource.normalise({ stream, document, received_at: 0, repaired: [] }, context);
}

describe("a Superna event that is posted again", () => {
  it("is a new event of the same subject when its state or severity changes", () => {
    const locked = { ...base, state: "LOCKED_OUT" };
    const major = { ...base, severity: "MAJOR" };
    expect(new Set([base, locked, major].map(keyOf)).size).toBe(3);
    const subjects = [base, locked, major].map((body) => read(body).subject);
    expect(subjects).toEqual(["superna:storage:5_1", "superna:storage:5_1", "superna:storage:5_1"]);
  });

  it("is the same event when it says the same of itself", () => {
    expect(keyOf({ ...base, numFiles: 3 })).toBe(keyOf(base));
  });

  it("has neither key nor subject without an id", () => {
    const { id: _, ...anonymous } = base;
    expect(keyOf(anonymous)).toBeNull();
    expect(read(anonymous).subject).toBeUndefined();
  });
});

describe("the values of a Superna event", () => {
  it.each([
    ["CRITICAL", "critical"],
    ["MAJOR", "high"],
    ["Warning", "medium"],
    ["MINOR", "low"],
    ["INFO", "informational"],
  ])("grade %s as %s", (severity, expected) => {
    expect(read({ ...base, severity }).alert.severity).toBe(expected);
  });

  it.each([[1767229200], [1767229200000], ["1767229200000"], ["2026-01-01T01:00:00Z"]])(
    "date from %j",
    (detected) => {
      const { alert } = read({ ...base, detected });
      expect(alert.event_time).toBe("2026-01-01T01:00:00.000Z");
    },
  );

  it("keep no time that cannot be read, and flag it", () => {
    const { alert } = read({ ...base, detected: "yesterday" });
    expect(alert.event_time).toBeNull();
    expect(alert.provenance.flags).toEqual(['detected: "yesterday" is not a time']);
  });

  it("may be lists written as text", () => {
    const { alert } = read({ ...base, clientIPs: '["192.0.2.1","192.0.2.2"]', files: "[odd.txt" });
    expect(alert.artifacts.map(({ value }) => value)).toEqual([
      "192.0.2.1",
      "192.0.2.2",
      "ann",
      "[odd.txt",
    ]);
  });

  it("name the user by SID, address or account", () => {
    const types = (user: string) => read({ ...base, user }).alert.artifacts.map(({ type }) => type);
    expect(types("S-1-5-21-7-8-9-1104")).toEqual(["sid"]);
    expect(types("2001:db8::7")).toEqual(["ip"]);
    expect(types("LAB\\ann")).toEqual(["account"]);
  });

  it("stop at a thousand artifacts, with the count of the files in a flag", () => {
    const files = Array.from({ length: 12_000 }, (_, index) => `/ifs/${index}.enc`);
    const { alert } = read({ ...base, files, clientIPs: ["192.0.2.1"] });
    expect(alert.artifacts).toHaveLength(1000);
    expect(alert.artifacts[0]?.value).toBe("192.0.2.1");
    expect(alert.provenance.flags).toEqual(["files: 12000 in the event, the first 998 kept"]);
    expect(alert.reason).toContain("12000 files");
  });

  it("are read quickly however many names fold into one", () => {
    const letters = "clientips".split("");
    const spell = (mask: number) =>
      letters
        .map((letter, bit) => (mask & (1 << bit) ? `${letter.toUpperCase()}_` : letter))
        .join("");
    const names = Array.from(
      { length: 100_000 },
      (_, mask) => spell(mask % 512) + "_".repeat(mask >> 9),
    );
    const body = Object.fromEntries(names.map((name) => [name, "192.0.2.1"]));
    const before = performance.now();
    decode({ ...base, ...body });
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe("what is no event", () => {
  it("is the user activity report: no id, severity or state", () => {
    const report = { user: "ann", events: [{ path: "/ifs/a" }] };
    expect(decode(report).events).toMatchObject([{ stream: "User Activity Report", key: null }]);
    expect(read(report).alert).toMatchObject({
      title: "User Activity Report: ann",
      severity: "informational",
    });
  });

  it("is a report without a user when it says that it is one", () => {
    const [event] = decode({ title: "24h activity summary", rows: [] }).events;
    expect(event?.stream).toBe("User Activity Report");
  });

  it("is not taken for a report as soon as it has a severity or a state", () => {
    expect(read({ user: "ann", state: "LOCKED_OUT" }).alert.severity).toBe("unknown");
    expect(read({ user: "ann", severity: "MAJOR" }).alert.severity).toBe("high");
  });

  it.each([
    ["not_an_alert", {}],
    ["not_an_alert", { code: 0, message: "no" }],
    ["not_an_object", "text"],
  ])("is rejected as %s: %j", (reason, body) => {
    expect(decode(body)).toMatchObject({ events: [], rejected: [{ reason }] });
  });
});
