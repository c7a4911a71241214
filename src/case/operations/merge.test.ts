import { describe, expect, it } from "vitest";
import { aCase, aMember, OPENED_AT } from "../testing/builders.ts";
import { mergeCases } from "./merge.ts";
import { splitCase } from "./split.ts";

const HOUR = 3_600_000;
const NOW = OPENED_AT + HOUR;
const iso = (time: number) => new Date(time).toISOString();
const CONFLICT = expect.objectContaining({ code: "CONFLICT" });
const INVALID = expect.objectContaining({ code: "REQUEST_INVALID" });
const task = (id: number, title: string) => ({ id, title, done: false, owner: null });

describe("merging", () => {
  const into = aCase(1, { alert_count: 3, tags: ["a"], tasks: [task(2, "Call")], owner: "ada" });
  const from = aCase(2, {
    alert_count: 2,
    severity: "critical",
    tags: ["a", "b"],
    tasks: [task(1, "Isolate")],
    owner: "bob",
    summary: "Two hosts.",
    first_alert_at: iso(OPENED_AT - HOUR),
    last_alert_at: iso(OPENED_AT + 5),
  });

  it("joins counts, severity, times, tags and tasks, and fills what is missing", () => {
    const merged = mergeCases(into, from, "ada", NOW).into;
    expect(merged.case).toMatchObject({
      number: 1,
      status: "new",
      alert_count: 5,
      severity: "critical",
      owner: "ada",
      summary: "Two hosts.",
      tags: ["a", "b"],
      tasks: [task(2, "Call"), task(3, "Isolate")],
      first_alert_at: iso(OPENED_AT - HOUR),
      last_alert_at: iso(OPENED_AT + 5),
    });
    expect(merged.entries.map(({ kind }) => kind)).toEqual([
      "merged",
      "severity",
      "summary",
      "tags",
      "task",
    ]);
    expect(merged.entries[0]).toMatchObject({ who: "ada", detail: { from: from.id, alerts: 2 } });
  });

  it("closes the other as a duplicate that says where its alerts went", () => {
    const merged = mergeCases(into, from, "ada", NOW).from;
    expect(merged.case).toMatchObject({
      number: 2,
      status: "closed",
      verdict: "duplicate",
      alert_count: 0,
      closed_at: iso(NOW),
      merged_into: "CASE-000001",
    });
    expect(merged.entries.map(({ kind }) => kind)).toEqual(["merged", "status", "verdict"]);
    expect(merged.entries[0]?.detail).toMatchObject({ into: "CASE-000001", alerts: 2 });
  });

  it("leaves the verdict and the time of one that was closed before", () => {
    const closed = aCase(2, { status: "closed", verdict: "benign", closed_at: iso(OPENED_AT) });
    expect(mergeCases(into, closed, "ada", NOW).from.case).toMatchObject({
      verdict: "benign",
      closed_at: iso(OPENED_AT),
    });
  });

  it("is refused for the same case, a case merged before, and into one that is not open", () => {
    const gone = aCase(3, { status: "closed", merged_into: "CASE-000009" });
    expect(() => mergeCases(into, into, "ada", NOW)).toThrow(INVALID);
    expect(() => mergeCases(into, gone, "ada", NOW)).toThrow(CONFLICT);
    expect(() => mergeCases(gone, from, "ada", NOW)).toThrow(CONFLICT);
    expect(() => mergeCases(aCase(3, { status: "resolved" }), from, "ada", NOW)).toThrow(CONFLICT);
  });
});

describe("splitting", () => {
  const known = aCase(1, { alert_count: 3, severity: "critical", owner: "ada", tags: ["a"] });
  const moved = [
    aMember({ number: "ALR-000002", severity: "critical", first: NOW - 9, last: NOW - 2 }),
    aMember({ number: "ALR-000003", severity: "low", first: NOW - 5, last: NOW - 5 }),
  ];
  const remaining = [aMember({ severity: "medium", first: NOW - 7, last: NOW - 6 })];
  const split = { moved, remaining, number: 8, title: "Another thing" };

  it("gives both cases the severity and times of the alerts that they have", () => {
    const { from, created } = splitCase(known, split, "ada", NOW);
    expect(from.case).toMatchObject({
      alert_count: 1,
      severity: "medium",
      first_alert_at: iso(NOW - 7),
      last_alert_at: iso(NOW - 6),
    });
    expect(created.case).toMatchObject({
      number: 8,
      id: "CASE-000008",
      title: "Another thing",
      status: "new",
      alert_count: 2,
      severity: "critical",
      first_alert_at: iso(NOW - 9),
      last_alert_at: iso(NOW - 2),
      owner: "ada",
      tags: ["a"],
      policy: null,
      key: null,
    });
  });

  it("is told in both timelines", () => {
    const { from, created } = splitCase(known, split, "ada", NOW);
    expect(from.entries.map(({ kind, detail }) => [kind, detail])).toEqual([
      ["split", { into: "CASE-000008", alerts: 2 }],
      ["alert_removed", { alert: "ALR-000002", into: "CASE-000008" }],
      ["alert_removed", { alert: "ALR-000003", into: "CASE-000008" }],
      ["severity", { into: "CASE-000008", before: "critical", after: "medium" }],
    ]);
    expect(created.entries.map(({ kind }) => kind)).toEqual([
      "opened",
      "alert_added",
      "alert_added",
      "split",
    ]);
    expect(created.entries.at(-1)?.detail).toEqual({ from: "CASE-000001", alerts: 2 });
  });

  it("is refused when one of the two would be empty, and for a case that is not open", () => {
    expect(() => splitCase(known, { ...split, moved: [] }, "ada", NOW)).toThrow(INVALID);
    expect(() => splitCase(known, { ...split, remaining: [] }, "ada", NOW)).toThrow(INVALID);
    const closed = aCase(1, { status: "closed" });
    expect(() => splitCase(closed, split, "ada", NOW)).toThrow(CONFLICT);
  });
});
