import { afterEach, expect, test } from "vitest";
import { kqlPredicate } from "../kql/index.ts";
import type { Position } from "../pipeline/entry.ts";
import { aRoute, HOUR, MINUTE } from "../pipeline/pace/testing/builders.ts";
import type { CasePolicy, PipelineConfiguration } from "../pipeline/policies.ts";
import { aSet } from "../pipeline/testing/stages.ts";
import { Database } from "../sqlite/database.ts";
import { changeAlert } from "../store/sqlite/alert-changes.ts";
import { stepText } from "./explain-steps.ts";
import { openLedger } from "./ledger.ts";
import { aLedgerConfiguration, anEntry, NOON, TestFolder } from "./testing/folder.ts";
import type { TestDocument } from "./testing/folder.ts";

let folder: TestFolder;
afterEach(() => folder.remove());

function open(policies: Partial<PipelineConfiguration>): void {
  folder = new TestFolder(aLedgerConfiguration(policies, [aRoute("soc", { to: ["chat"] })]));
}

/** Receives and decides an event of host web-01 at noon, or so many milliseconds later. */
async function receive(key: string, document: TestDocument = {}, after = 0): Promise<void> {
  const entry = anEntry(key, { host: { name: "web-01" }, ...document });
  await folder.receive([entry], { received_at: NOON + after });
  await folder.decide();
}

/** What a stage says of an alert, the latest event last. */
async function said(stage: string, number: string): Promise<string[]> {
  const ledger = openLedger(folder.paths, () => NOON);
  const { steps } = await ledger.explain(number);
  ledger.close();
  return steps.filter((step) => step.stage === stage).map(({ text }) => text);
}

function close(position: number): void {
  const database = new Database(folder.paths.store);
  changeAlert(database, position as Position, { status: "closed" }, "ann", NOON);
  database.close();
}

const FOLD = aSet({ name: "same", match: "*", by: ["host.name"], window: HOUR });

test("a later state of what an alert is about says so, and what became of the status", async () => {
  open({});
  await receive("k", { updates: "k" });
  const status = { status: "closed", status_changed_at: "2026-05-04T12:00:00.000Z" } as const;
  await receive("k@1", { updates: "k", alert: status });
  const older = { status: "new", status_changed_at: "2026-05-04T11:00:00.000Z" } as const;
  await receive("k@2", { updates: "k", alert: older });
  expect(await said("identify", "ALR-000001")).toEqual([
    "its key k had not come before",
    "changes ALR-000001, of which it is a later state: its severity was high, the event's is high; its status was closed, the event's is new, and it stays so",
  ]);
});

test("a status that an event changes says where that is shown", async () => {
  open({ hearsOfStatus: () => true });
  await receive("k", { updates: "k" });
  const status = { status: "closed", status_changed_at: "2026-05-04T12:00:00.000Z" } as const;
  await receive("k@1", { updates: "k", alert: status });
  expect(await said("pace", "ALR-000001")).toEqual([
    "its status was new and is closed now: an update for chat at once",
  ]);
});

test("an event that changes an alert says by which subject, and what of its severity", async () => {
  open({});
  await receive("a", { subject: "s", alert: { severity_original: "7" } });
  await receive("b", { subject: "s", alert: { severity: "low" } });
  expect(await said("identify", "ALR-000001")).toEqual([
    "its key a had not come before",
    "changes ALR-000001, which has the same subject s: its severity was high, the event's is low",
  ]);
  expect((await said("normalise", "ALR-000001"))[0]).toBe(
    "read as an event of source sensor (generic), severity high (written 7)",
  );
  expect(await said("route", "ALR-000001")).toEqual([
    "taken by soc (*) → chat",
    "taken by soc (*) → nowhere new",
  ]);
});

test("a fold that found nothing, a closed alert or one too old says so", async () => {
  open({ fold: FOLD });
  await receive("a");
  await receive("b", {}, 2 * HOUR);
  close(2);
  await receive("c", {}, 2 * HOUR);
  await receive("d", { host: {} }, 2 * HOUR);
  expect(await said("fold", "ALR-000002")).toEqual([
    "policy same (*): ALR-000001 with the same host.name was seen from 2026-05-04 12:00:00Z to 2026-05-04 12:00:00Z, and this happened 2026-05-04 14:00:00Z, more than 1h from that",
  ]);
  expect(await said("fold", "ALR-000003")).toEqual([
    "policy same (*): ALR-000002 with the same host.name is closed, so a new alert follows it",
  ]);
  expect(await said("fold", "ALR-000004")).toEqual([
    "policy same compares host.name, and the event has none of them",
  ]);
});

test("a correlation says how far it got, and that a match is an alert of its own", async () => {
  const rest = { within: 5 * MINUTE, severity: "high", title: null } as const;
  const steps = [{ text: "*", matches: kqlPredicate("*") }];
  open({ correlate: [{ name: "burst", steps, least: 2, by: ["host.name"], ...rest }] });
  await receive("a");
  await receive("b");
  await receive("c", { host: {} });
  expect(await said("correlate", "ALR-000001")).toEqual([
    "policy burst, host.name web-01: 1 of 2 within 5m",
  ]);
  expect(await said("correlate", "ALR-000002")).toEqual([
    "policy burst, host.name web-01: 2 of 2 within 5m; that is a match, which is an alert of its own",
  ]);
  expect(await said("correlate", "ALR-000003")).toEqual([
    "policy burst counts by host.name, and the event has no value for it",
  ]);
});

const CASES: CasePolicy = {
  name: "by-host",
  match: "severity >= medium",
  group_by: ["host.name"],
  share: [],
  window: HOUR,
  max_alerts: 2,
  title: () => "Work",
  assignee: null,
  tags: [],
};

test("a case says why it was opened or joined, by what it was compared with", async () => {
  open({ cases: aSet(CASES) });
  await receive("a");
  await receive("b");
  await receive("c");
  await receive("d", {}, 3 * HOUR);
  await receive("e", { alert: { severity: "low" } });
  await receive("f", { host: {} });
  await receive("g", { alert: { status: "closed" } });
  expect(await said("case", "ALR-000001")).toEqual([
    "opened CASE-000001 by policy by-host for web-01: the first case of it",
  ]);
  expect(await said("case", "ALR-000002")).toEqual([
    "joined CASE-000001 of policy by-host for web-01: it is new with 1 alert from 2026-05-04 12:00:00Z to 2026-05-04 12:00:00Z; this happened 2026-05-04 12:00:00Z, within 1h of that",
  ]);
  expect(await said("case", "ALR-000003")).toEqual([
    "opened CASE-000002 by policy by-host for web-01: CASE-000001 is full with 2 alerts",
  ]);
  expect(await said("case", "ALR-000004")).toEqual([
    "opened CASE-000003 by policy by-host for web-01: CASE-000002 had alerts from 2026-05-04 12:00:00Z to 2026-05-04 12:00:00Z, and this happened 2026-05-04 15:00:00Z, more than 1h from that",
  ]);
  expect(await said("case", "ALR-000005")).toEqual(["no case policy fits"]);
  expect(await said("case", "ALR-000006")).toEqual([
    "the alert has none of the values by which policy by-host puts alerts together",
  ]);
  expect(await said("case", "ALR-000007")).toEqual(["it came closed, and opens no work"]);
});

test("a repeat of an alert in a case says that it stays there, and what it raised", async () => {
  open({ cases: aSet(CASES), fold: FOLD });
  await receive("a");
  await receive("b", { alert: { severity: "critical" } });
  expect((await said("case", "ALR-000001")).at(-1)).toBe(
    "stays in CASE-000001 (new, severity high, raised to critical)",
  );
});

test("a step that nobody knows shows its values on one line", () => {
  folder = new TestFolder();
  const values = { count: 3, none: null, list: [], text: "a\nb", by: { host: "web" } };
  expect(stepText({ stage: "later", outcome: "x", reason: "y", values })).toBe(
    "count 3; text a b; by host web",
  );
});
