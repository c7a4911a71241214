import { describe, expect, it } from "vitest";
import { caseSchema } from "../case.ts";
import { aCase, aMember, OPENED_AT } from "../testing/builders.ts";
import { extendCase, joinCase } from "./join.ts";
import { memberOf } from "./member.ts";
import { openCase, type CaseOpening } from "./open.ts";

const MINUTE = 60_000;
const NOW = OPENED_AT + 60 * MINUTE;

const opening: CaseOpening = {
  number: 7,
  title: "Failed login\non web-1",
  owner: "ada",
  tags: ["auth", "auth"],
  policy: "by-host",
  key: "web-1",
  follows: "CASE-000003",
};

describe("a case that is opened", () => {
  const members = [
    aMember({ number: "ALR-000001", severity: "low", first: NOW - 5, last: NOW - 4 }),
    aMember({ number: "ALR-000002", severity: "high", first: NOW - 9, last: NOW - 9 }),
  ];

  it("has number, count, highest severity and times of its alerts, and fits the schema", () => {
    const opened = openCase(opening, members, "tocsin", NOW).case;
    expect(caseSchema.parse(opened)).toEqual(opened);
    expect(opened).toMatchObject({
      id: "CASE-000007",
      title: "Failed login on web-1",
      status: "new",
      severity: "high",
      alert_count: 2,
      tags: ["auth"],
      first_alert_at: new Date(NOW - 9).toISOString(),
      last_alert_at: new Date(NOW - 4).toISOString(),
      follows: "CASE-000003",
    });
  });

  it("says in its timeline who opened it, and names every alert", () => {
    const { entries } = openCase(opening, members, "tocsin", NOW);
    expect(entries.map(({ kind }) => kind)).toEqual(["opened", "alert_added", "alert_added"]);
    expect(entries[0]).toMatchObject({
      who: "tocsin",
      detail: { policy: "by-host", key: "web-1" },
    });
    expect(entries[2]?.detail).toEqual({ alert: "ALR-000002", severity: "high" });
  });

  it("is called by its id when its title has nothing printable", () => {
    expect(openCase({ ...opening, title: " \n" }, members, "ada", NOW).case.title).toBe(
      "CASE-000007",
    );
  });
});

describe("an alert that joins", () => {
  it("is counted, widens the times and raises the severity, each told once", () => {
    const late = aMember({ number: "ALR-000009", severity: "critical", first: NOW, last: NOW });
    const write = joinCase(aCase(), late, "tocsin", NOW + 1);
    expect(write.case).toMatchObject({
      alert_count: 2,
      severity: "critical",
      first_alert_at: new Date(OPENED_AT).toISOString(),
      last_alert_at: new Date(NOW).toISOString(),
      updated_at: new Date(NOW + 1).toISOString(),
    });
    expect(write.entries.map(({ kind, detail }) => [kind, detail])).toEqual([
      ["alert_added", { alert: "ALR-000009", severity: "critical" }],
      ["severity", { alert: "ALR-000009", before: "medium", after: "critical" }],
    ]);
  });

  it("from before the first one moves the first time and not the last", () => {
    const early = aMember({ first: OPENED_AT - MINUTE, last: OPENED_AT - MINUTE });
    const { case: joined } = joinCase(aCase(), early, "tocsin", NOW);
    expect(joined.first_alert_at).toBe(new Date(OPENED_AT - MINUTE).toISOString());
    expect(joined.last_alert_at).toBe(new Date(OPENED_AT).toISOString());
  });

  it("does not lower the severity, and says nothing of it", () => {
    const { case: joined, entries } = joinCase(aCase(), aMember({ severity: "low" }), "x", NOW);
    expect(joined.severity).toBe("medium");
    expect(entries).toHaveLength(1);
  });

  it.each(["resolved", "closed"] as const)("is refused by a %s case", (status) => {
    const join = () => joinCase(aCase(1, { status }), aMember(), "tocsin", NOW);
    expect(join).toThrow(expect.objectContaining({ code: "CONFLICT" }));
  });
});

describe("an alert that happens again", () => {
  it("widens the times without a word in the timeline", () => {
    const write = extendCase(aCase(), aMember({ severity: "unknown", last: NOW }), "tocsin", NOW);
    expect(write?.case.last_alert_at).toBe(new Date(NOW).toISOString());
    expect(write?.case.alert_count).toBe(1);
    expect(write?.entries).toEqual([]);
  });

  it("is not written when it changes nothing", () => {
    expect(extendCase(aCase(), aMember(), "tocsin", NOW)).toBeNull();
  });
});

it("takes no time of an alert from the future", () => {
  const ahead = new Date(NOW + MINUTE).toISOString();
  const alert = {
    number: "ALR-000001",
    severity: "low",
    first_seen: ahead,
    last_seen: ahead,
  } as const;
  expect(memberOf(alert, NOW)).toMatchObject({ first: NOW, last: NOW });
});
