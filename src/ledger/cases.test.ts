import { afterEach, beforeEach, expect, test } from "vitest";
import { saveCase } from "../store/sqlite/case-changes.ts";
import { findCase } from "../store/sqlite/cases.ts";
import { Database } from "../sqlite/database.ts";
import { compileStopValues } from "../case/stop-values.ts";
import type { Case } from "../case/case.ts";
import { openLedger, type Ledger } from "./ledger.ts";
import { caseDetailSchema } from "./case.ts";
import { caseListSchema, type CaseQuery } from "./cases.ts";
import { anAlertOf, openCaseFolder } from "./testing/cases.ts";
import { NOON, type TestFolder } from "./testing/folder.ts";

let folder: TestFolder;
let ledger: Ledger;

beforeEach(async () => {
  folder = await openCaseFolder();
  ledger = openLedger(folder.paths, () => NOON);
});

afterEach(async () => {
  ledger.close();
  await folder.remove();
});

/** Stores a case with other fields. */
function rewrite(number: number, fields: Partial<Case>): void {
  const database = new Database(folder.paths.store);
  const known = findCase(database, number);
  if (known) saveCase(database, { case: { ...known, ...fields }, entries: [] }, {}, "ada", NOON);
  database.close();
}

const idsOf = async (query: CaseQuery) => (await ledger.listCases(query)).items.map(({ id }) => id);

test("cases are listed newest first, and by pages", async () => {
  const first = await ledger.listCases({ limit: 2 });
  expect(caseListSchema.parse(first)).toEqual(first);
  expect(first.items.map(({ id }) => id)).toEqual(["CASE-000003", "CASE-000002"]);
  const second = await ledger.listCases({ limit: 2, cursor: first.next ?? "" });
  expect(second).toMatchObject({ items: [{ id: "CASE-000001" }], next: null });
  expect(await idsOf({ order: "oldest", limit: 1 })).toEqual(["CASE-000001"]);
});

test("a folder without cases lists none", async () => {
  folder.tamper("store", "DELETE FROM cases");
  expect(await ledger.listCases({})).toEqual({ items: [], next: null });
});

test("cases are filtered by status, owner and severity, and queried by their fields", async () => {
  rewrite(1, { status: "on_hold", owner: "ada", severity: "high" });
  rewrite(2, { status: "closed", tags: ["vip"] });
  expect(await idsOf({ status: "open" })).toEqual(["CASE-000003", "CASE-000001"]);
  expect(await idsOf({ status: "closed" })).toEqual(["CASE-000002"]);
  expect(await idsOf({ owner: "ada" })).toEqual(["CASE-000001"]);
  expect(await idsOf({ severity: "medium" })).toEqual(["CASE-000003", "CASE-000002"]);
  expect(await idsOf({ q: "severity >= high" })).toEqual(["CASE-000001"]);
  expect(await idsOf({ q: "tags: vip or title: db" })).toEqual(["CASE-000003", "CASE-000002"]);
  expect(await idsOf({ q: "not owner: * and alert_count > 1 or nonsense: x" })).toEqual([]);
  expect(await idsOf({ q: "opened_at >= now-1h", status: "on_hold" })).toEqual(["CASE-000001"]);
});

test("a query that is none is refused", async () => {
  await expect(ledger.listCases({ q: "severity >=" })).rejects.toMatchObject({
    code: "KQL_INVALID",
  });
});

test("a case has its alerts, newest first, and what happened to it, oldest first", async () => {
  const found = await ledger.getCase("case-1");
  expect(caseDetailSchema.parse(found)).toEqual(found);
  expect(found).toMatchObject({ id: "CASE-000001", title: "Alerts of web-1", alert_count: 3 });
  expect(found.alerts.total).toBe(3);
  expect(found.alerts.items.map(({ number }) => number)).toEqual([
    "ALR-000003",
    "ALR-000002",
    "ALR-000001",
  ]);
  expect(found.alerts.items[0]).toMatchObject({ severity: "medium", status: "new" });
  expect(found.timeline.total).toBe(found.timeline.items.length);
  expect(found.timeline.items[0]).toMatchObject({ kind: "opened", who: "tocsin" });
});

test("of a case with many alerts the newest are shown, with how many there are", async () => {
  await folder.receive(Array.from({ length: 150 }, (_, index) => anAlertOf("db-1", `m${index}`)));
  await folder.decide();
  const { alerts } = await ledger.getCase("3");
  expect([alerts.total, alerts.items.length]).toEqual([151, 100]);
  expect(alerts.items[0]?.number).toBe("ALR-000156");
});

test("cases are related by artifacts that both have, unless those are everywhere", async () => {
  expect((await ledger.getCase("1")).related).toEqual([
    {
      id: "CASE-000002",
      title: "Alerts of web-2",
      status: "new",
      shared: ["ip:198.51.100.7"],
      shared_total: 1,
    },
  ]);
  expect((await ledger.getCase("3")).related).toEqual([]);
});

test("what is configured to be everywhere relates nothing", async () => {
  const isStopValue = compileStopValues({ ip: ["198.51.100.0/24"] });
  const other = openLedger(folder.paths, () => NOON, isStopValue);
  expect((await other.getCase("1")).related).toEqual([]);
  other.close();
});

test.each(["CASE-000099", "nonsense"])(
  "a case that is not there is NOT_FOUND: %s",
  async (name) => {
    const refused = { code: "NOT_FOUND", hint: expect.any(String) };
    await expect(ledger.getCase(name)).rejects.toMatchObject(refused);
    await expect(ledger.listAlerts({ case: name })).rejects.toMatchObject(refused);
  },
);

test("alerts are listed by case, with the other conditions and by pages", async () => {
  const numbers = async (query: Parameters<Ledger["listAlerts"]>[0]) => {
    const { items, next } = await ledger.listAlerts(query);
    return [items.map(({ number }) => number), next === null];
  };
  const all = ["ALR-000003", "ALR-000002", "ALR-000001"];
  expect(await numbers({ case: "CASE-000001" })).toEqual([all, true]);
  expect(await numbers({ case: "1", q: "artifacts.value: 203.0.113.9" })).toEqual([
    ["ALR-000002"],
    true,
  ]);
  expect(await numbers({ case: "1", limit: 2 })).toEqual([["ALR-000003", "ALR-000002"], false]);
  const { next } = await ledger.listAlerts({ case: "1", limit: 2 });
  expect(await numbers({ case: "1", limit: 2, cursor: next ?? "" })).toEqual([
    ["ALR-000001"],
    true,
  ]);
  const [first] = (await ledger.listAlerts({ case: "2" })).items;
  expect(first).toMatchObject({ number: "ALR-000004", case_id: "CASE-000002" });
  expect((await ledger.listAlerts({ q: "case_id: CASE-000002" })).items).toHaveLength(1);
});

test("what was done to an alert is shown with it", async () => {
  folder.tamper(
    "store",
    `INSERT INTO actions (at, who, kind, target, detail)
     VALUES (${NOON}, 'ada', 'alert.commented', 'ALR-000001', '{"text":"Looking."}')`,
  );
  expect((await ledger.getAlert("ALR-000001")).actions).toEqual([
    {
      at: new Date(NOON).toISOString(),
      who: "ada",
      kind: "alert.commented",
      detail: { text: "Looking." },
    },
  ]);
});
