import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { alertId } from "../../alert/id.ts";
import { findCase, listCaseAlerts, listCaseTimeline } from "../../store/sqlite/cases.ts";
import { listActionsOn } from "../../store/sqlite/actions.ts";
import { findAlert, toAlert } from "../../store/sqlite/alerts.ts";
import { readStateVersion } from "../../store/sqlite/meta.ts";
import { anAlertOf, openCaseFolder } from "../../ledger/testing/cases.ts";
import { anEntry, NOON, type TestFolder } from "../../ledger/testing/folder.ts";
import type { Position } from "../../pipeline/entry.ts";
import { Database } from "../../sqlite/database.ts";
import { applyChange, type Asked, type ChangeKind } from "./change.ts";

let folder: TestFolder;
let database: Database;

beforeEach(async () => {
  folder = await openCaseFolder();
  database = new Database(folder.paths.store);
});

afterEach(async () => {
  database.close();
  await folder.remove();
});

const LATER = NOON + 60_000;
const change = <Kind extends ChangeKind>(kind: Kind, asked: Asked<Kind>, who = "ada") =>
  applyChange(database, kind, asked, { who, now: LATER });
const alertAt = (position: number) => {
  const row = findAlert(database, position as Position);
  return { ...(row && toAlert(database, row)), closed_at: row?.closed_at };
};
const statuses = (...positions: number[]) =>
  positions.map((position) => [alertAt(position).status, alertAt(position).verdict]);
const kinds = (number: number) => listCaseTimeline(database, number).map(({ kind }) => kind);
const refused = (code: string, hint: RegExp | string = /\S/) =>
  expect.objectContaining({ code, hint: expect.stringMatching(hint) });

describe("alerts", () => {
  it("are acknowledged, closed and reopened; each is written down with who and when", () => {
    change("alerts", { names: ["ALR-000001"], status: "acknowledged" });
    expect(statuses(1)).toEqual([["acknowledged", null]]);
    change("alerts", { names: ["ALR-000001"], status: "closed", verdict: "benign" }, "bob");
    expect(statuses(1)).toEqual([["closed", "benign"]]);
    expect(alertAt(1).closed_at).toBe(LATER);
    change("alerts", { names: ["ALR-000001"], status: "new" });
    expect(statuses(1)).toEqual([["new", null]]);
    expect(alertAt(1).closed_at).toBeNull();
    const actions = listActionsOn(database, "ALR-000001");
    expect(actions.map(({ who, at, kind }) => [who, at, kind])).toEqual([
      ["ada", LATER, "alert.changed"],
      ["bob", LATER, "alert.changed"],
      ["ada", LATER, "alert.changed"],
    ]);
  });

  it("that are closed twice are closed once, with the newer verdict", () => {
    change("alerts", { names: ["ALR-000001"], status: "closed", verdict: "benign" });
    const again = { names: ["ALR-000001"], status: "closed", verdict: "true_positive" } as const;
    applyChange(database, "alerts", again, { who: "ada", now: LATER + 5 });
    applyChange(database, "alerts", again, { who: "ada", now: LATER + 9 });
    expect(statuses(1)).toEqual([["closed", "true_positive"]]);
    expect(alertAt(1).closed_at).toBe(LATER);
    expect(listActionsOn(database, "ALR-000001")).toHaveLength(2);
  });

  it("are named by the id of an event that updated them, too", async () => {
    await folder.receive([anEntry("g", { subject: "s" }), anEntry("h", { subject: "s" })]);
    await folder.decide();
    const update = alertId(NOON, "h", 8);
    const [changed] = change("alerts", { names: [update], status: "acknowledged" });
    expect(changed?.number).toBe("ALR-000007");
    expect(statuses(7)).toEqual([["acknowledged", null]]);
  });

  it("are named by their id, but by no other that looks like it", () => {
    const { id = "" } = alertAt(1);
    change("alerts", { names: [id.toLowerCase()], status: "acknowledged" });
    expect(statuses(1)).toEqual([["acknowledged", null]]);
    const other = `${id.slice(0, 9)}Z${id.slice(10)}`;
    expect(() => change("alerts", { names: [other], status: "acknowledged" })).toThrow(
      refused("NOT_FOUND"),
    );
  });

  it("change all together or not at all", () => {
    const names = ["ALR-000001", "ALR-000099"];
    const before = readStateVersion(database);
    const asked = { names, status: "closed", verdict: "benign" } as const;
    expect(() => change("alerts", asked)).toThrow(refused("NOT_FOUND"));
    expect(statuses(1)).toEqual([["new", null]]);
    expect(readStateVersion(database)).toBe(before);
    change("alerts", { ...asked, names: ["ALR-000001", "ALR-000002", "alr-000001"] });
    expect(statuses(1, 2)).toEqual([
      ["closed", "benign"],
      ["closed", "benign"],
    ]);
    expect(readStateVersion(database)).toBeGreaterThan(before);
  });

  it("keep comments, also where nothing else changes", () => {
    const asked = { names: ["ALR-000001"], status: "acknowledged" } as const;
    change("alerts", asked);
    change("alerts", { ...asked, comment: " Looking.\n" });
    change("alerts", { ...asked, comment: "  " });
    const [, comment, ...others] = listActionsOn(database, "ALR-000001");
    expect(comment).toMatchObject({ kind: "alert.commented", detail: { text: "Looking." } });
    expect(others).toEqual([]);
    const long = { ...asked, comment: "x".repeat(20_001) };
    expect(() => change("alerts", long)).toThrow(refused("REQUEST_INVALID"));
  });

  it("are not closed without a verdict, acknowledged when closed, or reopened when open", () => {
    const names = ["ALR-000001"];
    expect(() => change("alerts", { names, status: "closed" })).toThrow(
      refused("REQUEST_INVALID", "true_positive"),
    );
    expect(() => change("alerts", { names, status: "new" })).toThrow(refused("CONFLICT"));
    change("alerts", { names, status: "closed", verdict: "benign" });
    expect(() => change("alerts", { names, status: "acknowledged" })).toThrow(
      refused("CONFLICT", "Reopen"),
    );
    expect(statuses(1)).toEqual([["closed", "benign"]]);
  });
});

describe("a case", () => {
  it("is changed, commented on and given tasks, all of it in its timeline and the actions", () => {
    const before = kinds(1).length;
    change("case.change", { case: "CASE-000001", change: { owner: "ada", severity: "high" } });
    change("case.comment", { case: "1", text: "Seen before." });
    change("case.change", { case: "1", change: { task: { add: { title: "Isolate" } } } });
    change("case.change", { case: "1", change: { task: { id: 1, done: true } } });
    expect(findCase(database, 1)).toMatchObject({
      owner: "ada",
      severity: "high",
      tasks: [{ id: 1, title: "Isolate", done: true, owner: null }],
    });
    expect(kinds(1).slice(before)).toEqual(["severity", "owner", "comment", "task", "task"]);
    const actions = listActionsOn(database, "CASE-000001");
    expect(actions.map(({ kind }) => kind)).toEqual([
      "case.severity",
      "case.owner",
      "case.comment",
      "case.task",
      "case.task",
    ]);
  });

  it("that is closed closes its open alerts with the same verdict, and no others", () => {
    change("alerts", { names: ["ALR-000002"], status: "closed", verdict: "duplicate" });
    const closed = change("case.close", { case: "CASE-000001", verdict: "benign" }, "bob");
    expect(closed).toMatchObject({ status: "closed", verdict: "benign" });
    expect(statuses(1, 2, 3, 4)).toEqual([
      ["closed", "benign"],
      ["closed", "duplicate"],
      ["closed", "benign"],
      ["new", null],
    ]);
    expect(listActionsOn(database, "ALR-000003")).toMatchObject([{ who: "bob" }]);
  });

  it("that is closed by a change of its status closes its alerts as well", () => {
    change("case.change", { case: "1", change: { status: "resolved" } });
    expect(statuses(1)).toEqual([["new", null]]);
    change("case.change", { case: "1", change: { status: "closed", verdict: "benign" } });
    expect(statuses(1)).toEqual([["closed", "benign"]]);
  });

  it("that is reopened leaves its alerts closed", () => {
    change("case.close", { case: "1", verdict: "benign" });
    expect(change("case.reopen", { case: "1" })).toMatchObject({
      status: "in_progress",
      verdict: null,
    });
    expect(statuses(1)).toEqual([["closed", "benign"]]);
  });

  it("takes over the alerts of those that are merged into it; later alerts follow", async () => {
    const merged = change("case.merge", { into: "1", from: ["2", "CASE-000003"] });
    expect(merged).toMatchObject({ alert_count: 5, status: "new" });
    expect(listCaseAlerts(database, 1)).toEqual([1, 2, 3, 4, 5]);
    expect(alertAt(5).case_id).toBe("CASE-000001");
    expect(statuses(4)).toEqual([["new", null]]);
    expect(findCase(database, 3)).toMatchObject({
      status: "closed",
      merged_into: "CASE-000001",
      alert_count: 0,
    });
    await folder.receive([anAlertOf("web-2", "late")]);
    await folder.decide();
    expect(listCaseAlerts(database, 1)).toEqual([1, 2, 3, 4, 5, 7]);
  });

  it("stays as it was when one of several cannot be merged into it", () => {
    expect(() => change("case.merge", { into: "1", from: ["2", "99"] })).toThrow(
      refused("NOT_FOUND"),
    );
    expect(() => change("case.merge", { into: "1", from: ["2", "1"] })).toThrow(
      refused("REQUEST_INVALID"),
    );
    expect(findCase(database, 1)?.alert_count).toBe(3);
    expect(listCaseAlerts(database, 2)).toEqual([4]);
  });

  it("is split: alerts that are named move to a case with the next number", async () => {
    const asked = { case: "1", alerts: ["ALR-000002", "ALR-000003", "ALR-000002"] };
    const { case: known, created } = change("case.split", asked);
    expect(known).toMatchObject({ id: "CASE-000001", alert_count: 1 });
    expect(created).toMatchObject({
      id: "CASE-000004",
      alert_count: 2,
      title: "Login on web-1",
      tags: ["host"],
      policy: null,
    });
    expect(listCaseAlerts(database, 1)).toEqual([1]);
    expect(listCaseAlerts(database, 4)).toEqual([2, 3]);
    await folder.receive([anAlertOf("new-host", "next")]);
    await folder.decide();
    expect(alertAt(7).case_id).toBe("CASE-000005");
  });

  it("is not split into nothing, nor by alerts of another", () => {
    const split = (...alerts: string[]) => change("case.split", { case: "1", alerts, title: "T" });
    expect(() => split("ALR-000001", "ALR-000002", "ALR-000003")).toThrow(
      refused("REQUEST_INVALID"),
    );
    expect(() => split("ALR-000004")).toThrow(refused("REQUEST_INVALID", "CASE-000001"));
    expect(() => split("ALR-000099")).toThrow(refused("NOT_FOUND"));
    expect(findCase(database, 4)).toBeUndefined();
    expect(listCaseAlerts(database, 1)).toEqual([1, 2, 3]);
  });

  it.each(["CASE-000099", "nonsense"])("that is not there is refused: %s", (name) => {
    expect(() => change("case.reopen", { case: name })).toThrow(refused("NOT_FOUND"));
  });

  it("is not changed to something that makes no sense", () => {
    const asked = { case: "1", change: { title: " " } };
    expect(() => change("case.change", asked)).toThrow(refused("REQUEST_INVALID"));
  });
});
