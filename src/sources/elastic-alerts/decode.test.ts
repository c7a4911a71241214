import { describe, expect, it } from "vitest";
import { openDocument } from "../../elastic/document.ts";
import type { JsonObject } from "../source.ts";
import { decodeAlert, IDENTITY_FIELDS, versionOf } from "./decode.ts";

const SUPPRESSION = "kibana.alert.suppression";
const CHANGED = "kibana.alert.workflow_status_updated_at";

function version(fields: JsonObject): string | null {
  return versionOf(openDocument({ _id: "1", _source: { "kibana.alert.uuid": "u", ...fields } }));
}

const status = (word: string) => ({ "kibana.alert.workflow_status": word });

describe("the version of an alert", () => {
  it("is none in the state in which alerts begin", () => {
    const states: JsonObject[] = [
      {},
      status("open"),
      { signal: { status: "open" } },
      { ...status("open"), [`${SUPPRESSION}.docs_count`]: 0 },
      { ...status("open"), "kibana.alert.last_detected": "2026-01-01T00:00:00.000Z" },
    ];
    expect(states.map(version)).toEqual(states.map(() => null));
  });

  it("differs for each state an alert can come to, and is short", () => {
    const grown = (count: number, end: string): JsonObject => ({
      ...status("open"),
      [`${SUPPRESSION}.docs_count`]: count,
      [`${SUPPRESSION}.end`]: end,
    });
    const changed = (word: string, at: string): JsonObject => ({ ...status(word), [CHANGED]: at });
    const states: JsonObject[] = [
      grown(1, "2026-01-01T00:00:01.000Z"),
      grown(2, "2026-01-01T00:00:01.000Z"),
      grown(2, "2026-01-01T00:00:02.000Z"),
      { ...grown(2, "2026-01-01T00:00:02.000Z"), ...status("closed") },
      status("closed"),
      status("acknowledged"),
      { signal: { status: "in-progress" } },
      changed("closed", "2026-01-01T00:00:03.000Z"),
      changed("open", "2026-01-01T00:00:04.000Z"),
      changed("closed", "2026-01-01T00:00:05.000Z"),
    ];
    const versions = states.map(version);
    expect(new Set(versions).size).toBe(states.length);
    expect(versions.filter((text) => !/^[0-9a-f]{16}$/.test(text ?? ""))).toEqual([]);
  });

  it("is the same for the same state, in whatever shape the document comes", () => {
    const flat = {
      ...status("closed"),
      [CHANGED]: "2026-01-01T00:00:03.000Z",
      [`${SUPPRESSION}.docs_count`]: 3,
    };
    const nested = {
      kibana: {
        alert: {
          workflow_status: "closed",
          workflow_status_updated_at: "2026-01-01T00:00:03.000Z",
          suppression: { docs_count: 3 },
        },
      },
    };
    expect(version(nested)).toBe(version(flat));
  });

  it("does not follow what is detected again as long as nothing is folded into the alert", () => {
    const seen = (at: string) => ({ ...status("closed"), "kibana.alert.last_detected": at });
    expect(version(seen("2026-01-01T00:00:01.000Z"))).toBe(
      version(seen("2026-01-01T00:05:01.000Z")),
    );
  });
});

describe("decodeAlert", () => {
  it("rejects what is no object, and a hit without a document under its name", () => {
    expect(decodeAlert("text").rejected.map(({ reason }) => reason)).toEqual(["not_an_object"]);
    const { events, rejected } = decodeAlert({ _index: "i", _id: "1", _source: null });
    expect(events).toEqual([]);
    expect(rejected.map(({ reason, key }) => [reason, key])).toEqual([
      ["not_an_alert", "es:i/1!0"],
    ]);
  });

  it("takes a status that is not asked for as a change of a known alert only", () => {
    const asked = { status: ["open" as const, "acknowledged" as const] };
    const states: JsonObject[] = [
      {},
      status("open"),
      { signal: { status: "in-progress" } },
      status("closed"),
      { signal: { status: "closed" } },
    ];
    const onlyKnown = (settings: Parameters<typeof decodeAlert>[1]) =>
      states.map((fields) => {
        const item = { _id: "1", _source: { "kibana.alert.uuid": "u", ...fields } };
        return decodeAlert(item, settings).events[0]?.onlyKnown;
      });
    expect(onlyKnown(asked)).toEqual([false, false, false, true, true]);
    expect(onlyKnown({})).toEqual(states.map(() => false));
  });

  it.each<[string, JsonObject]>([
    ["an alert", { "kibana.alert.uuid": "u", "kibana.alert.rule.name": "R", "host.name": "h" }],
    ["a nested alert", { kibana: { alert: { uuid: "u", rule: { name: "R" } } }, host: {} }],
    [
      "an alert of a rule without a name",
      { "kibana.alert.uuid": "u", "kibana.alert.rule.uuid": "r" },
    ],
    ["a signal", { signal: { rule: { name: "R", id: "r" }, status: "open" } }],
    ["a document of a sensor", { rule: { name: "S", id: "s" }, message: "m" }],
  ])("reads key and stream of %s from the fields it says it needs", (_, source) => {
    const whole = decodeAlert({ _index: "i", _id: "1", _source: source }).events[0];
    const reduced = decodeAlert({ _index: "i", _id: "1", _source: keep(source) }).events[0];
    expect(reduced).toMatchObject({ key: whole?.key, stream: whole?.stream });
    expect(whole?.stream).not.toBe("unknown");
  });
});

/** What a search gives when asked for some fields of the source only. */
function keep(value: JsonObject, path = ""): JsonObject {
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const full = path === "" ? key : `${path}.${key}`;
    if (IDENTITY_FIELDS.some((field) => full === field || full.startsWith(`${field}.`))) {
      return [[key, inner] as const];
    }
    const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isObject ? [[key, keep(inner as JsonObject, full)] as const] : [];
  });
  return Object.fromEntries(kept);
}
