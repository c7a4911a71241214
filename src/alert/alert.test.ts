import { describe, expect, it } from "vitest";
import { completeAlert } from "./complete.ts";
import { emptyContent } from "./content.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { alertId, numberOf, originOfId, positionOfId, positionOfNumber } from "./id.ts";
import { type AlertContent, type Artifact, alertSchema } from "./schema.ts";
import { clip, toLine, toTitle } from "./text.ts";

const AT = Date.UTC(2026, 1, 3, 4, 5, 6, 7);

function contentOf(artifacts: Artifact[], changes: Partial<AlertContent> = {}): AlertContent {
  const source = { name: "s", kind: "k", vendor: "v", product: "p", space: null };
  return { ...emptyContent(source), title: "T", artifacts, ...changes };
}

const host: Artifact = { type: "hostname", value: "h1", role: "target", field: "host.name" };
const user: Artifact = { type: "account", value: "ann", role: "actor", field: "user.name" };
const from: Artifact = { type: "ip", value: "192.0.2.1", role: "source", field: "source.ip" };
const to: Artifact = { type: "ip", value: "192.0.2.2", role: "destination", field: "x" };

describe("alert ids", () => {
  it("are ULIDs that carry time and position and depend on the key", () => {
    const id = alertId(AT, "key", 123);
    expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    expect(alertId(AT, "key", 123)).toBe(id);
    expect(alertId(AT, "other", 123)).not.toBe(id);
    expect(alertId(AT + 1, "key", 1) > id).toBe(true);
    // The example of the specification.
    expect(alertId(1_469_918_176_385, "key", 1).slice(0, 10)).toBe("01ARYZ6S41");
  });

  it.each([0, 1, 31, 32, 1_000_000, 2 ** 40 - 1])("give position %i back", (position) => {
    const id = alertId(AT, "key", position);
    expect(positionOfId(id)).toBe(position);
    expect(positionOfId(id.toLowerCase())).toBe(position);
  });

  it("says the same of its event wherever that stands in the log", () => {
    const origins = [1, 2 ** 32].map((position) => originOfId(alertId(5, "k", position)));
    expect(origins[0]).toBe(origins[1]);
    expect(originOfId(alertId(5, "other", 1))).not.toBe(origins[0]);
    expect(originOfId(alertId(6, "k", 1))).not.toBe(origins[0]);
  });

  it.each(["", "x", "8".repeat(26), "0".repeat(25), "0".repeat(27), `${"0".repeat(25)}U`])(
    "are not found in %j",
    (text) => expect(positionOfId(text)).toBeNull(),
  );

  it("have numbers that lead back", () => {
    expect(numberOf(123)).toBe("ALR-000123");
    expect(numberOf(12_345_678)).toBe("ALR-12345678");
    expect(positionOfNumber(" alr-000123 ")).toBe(123);
    expect(positionOfNumber("ALR-12345678")).toBe(12_345_678);
    expect(positionOfNumber("ALR-12")).toBeNull();
    expect(positionOfNumber("123")).toBeNull();
  });
});

describe("fingerprintOf", () => {
  const base = contentOf([host, user, from, to]);

  it("does not change with order, title, time or destination", () => {
    const print = fingerprintOf(base);
    expect(print).toMatch(/^[0-9a-f]{32}$/);
    const rule = { ...base.rule, id: "r" };
    const other = { ...host, value: "h0" };
    const one = contentOf([host, user, from, to, other], { rule });
    const two = contentOf([other, from, user, host], {
      rule,
      title: "other",
      event_time: "2026-01-01T00:00:00.000Z",
    });
    expect(fingerprintOf(two)).toBe(fingerprintOf(one));
  });

  it("differs by rule, host, user, source address and source", () => {
    const others = [
      contentOf([host, user, from, to], { rule: { ...base.rule, uuid: "u" } }),
      contentOf([{ ...host, value: "h2" }, user, from, to]),
      contentOf([host, { ...user, value: "bob" }, from, to]),
      contentOf([host, user, { ...from, value: "192.0.2.9" }, to]),
      contentOf([host, user, from, to], { source: { ...base.source, name: "s2" } }),
    ];
    const prints = [base, ...others].map(fingerprintOf);
    expect(new Set(prints).size).toBe(prints.length);
  });
});

describe("completeAlert", () => {
  it("makes a valid alert with its entities", () => {
    const alert = completeAlert(contentOf([host, user, from, to, from]), {
      position: 7,
      key: "k",
      receivedAt: AT,
    });
    expect(alertSchema.parse(alert)).toEqual(alert);
    expect(alert.entities).toEqual({
      hosts: ["h1"],
      users: ["ann"],
      ips: ["192.0.2.1", "192.0.2.2"],
    });
    expect([alert.number, alert.count, alert.case_id]).toEqual(["ALR-000007", 1, null]);
    expect(positionOfId(alert.id)).toBe(7);
  });

  it("was first seen when it happened, or when it was received if nobody knows", () => {
    const origin = { position: 7, key: "k", receivedAt: AT };
    const event_time = "2026-02-03T04:00:00.000Z";
    expect(completeAlert(contentOf([], { event_time }), origin).first_seen).toBe(event_time);
    expect(completeAlert(contentOf([]), origin).last_seen).toBe("2026-02-03T04:05:06.007Z");
  });
});

describe("text", () => {
  it("makes one printable line of anything", () =>
    expect(toLine(" a\r\nb\u0000\u202ec\t\u2028 d ")).toBe("a b c d"));

  it("cuts a title at 500 characters, never within a character", () => {
    expect(toTitle("x".repeat(501))).toBe(`${"x".repeat(499)}…`);
    expect(toTitle("\n\u0007 ")).toBe("");
    expect(clip("a😀b", 3)).toBe("a…");
    expect(clip("abc", 3)).toBe("abc");
  });
});
