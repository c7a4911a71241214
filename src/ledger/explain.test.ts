import { afterEach, expect, test } from "vitest";
import { aSilence } from "../silence/testing/silences.ts";
import type { Silence } from "../silence/silence.ts";
import { aLimit, aRoute, HOUR, MINUTE, OFFICE } from "../pipeline/pace/testing/builders.ts";
import type { CompiledRoute, PipelineConfiguration } from "../pipeline/policies.ts";
import { kqlPredicate } from "../kql/index.ts";
import { Database } from "../sqlite/database.ts";
import { changeAlert } from "../store/sqlite/alert-changes.ts";
import { saveStatusListeners } from "../store/sqlite/status-updates.ts";
import { saveWriteBackTargets } from "../store/sqlite/write-back.ts";
import { saveSilence } from "../store/sqlite/silence-changes.ts";
import type { Position } from "../pipeline/entry.ts";
import { explanationSchema, type Explanation } from "./explain.ts";
import { openLedger } from "./ledger.ts";
import { FLUSHED, openBusyFolder } from "./testing/busy.ts";
import { aLedgerConfiguration, anEntry, NOON, TestFolder } from "./testing/folder.ts";
import type { TestDocument } from "./testing/folder.ts";

let folder: TestFolder;
afterEach(() => folder.remove());

const time = (at: number): string => new Date(at).toISOString();

async function explained(name: string, now = NOON): Promise<Explanation> {
  const ledger = openLedger(folder.paths, () => now);
  const explanation = await ledger.explain(name);
  ledger.close();
  expect(explanationSchema.parse(explanation)).toEqual(explanation);
  return explanation;
}

const future = async (name: string, now?: number) => (await explained(name, now)).counterfactual;

/** A folder with these routes, in which these events came at noon, `key-1` first. */
async function open(
  routes: readonly Partial<CompiledRoute>[],
  documents: readonly TestDocument[],
  given: { policies?: Partial<PipelineConfiguration>; silence?: Partial<Silence> } = {},
): Promise<void> {
  const named = routes.map((route, index) => aRoute(index === 0 ? "soc" : `r${index}`, route));
  folder = new TestFolder(aLedgerConfiguration(given.policies, named));
  if (given.silence) silence(given.silence);
  await folder.receive(documents.map((document, index) => anEntry(`key-${index + 1}`, document)));
  await folder.decide();
}

function silence(changes: Partial<Silence>): void {
  const database = new Database(folder.paths.store);
  saveSilence(database, aSilence({ id: "S-12", version: 2, ...changes }), [], "ann", NOON);
  database.close();
}

test("what waits for its group says until when, and for which", async () => {
  await open([{ group_by: ["rule.name"] }], [{ alert: { rule: aRule("Failed login") } }]);
  expect(await future("ALR-000001")).toEqual([
    "pending for slack until 2026-05-04 12:00:30Z (group soc · failed login)",
  ]);
});

function aRule(name: string) {
  const nothing = { id: null, uuid: null, version: null, url: null, note: null };
  return { name, tags: [], references: [], ...nothing };
}

test("what a silence holds says which, and that it is told of when it ends", async () => {
  const lasting = { until: time(NOON + HOUR), at_end: "digest" } as const;
  await open([{}], [{}], { silence: lasting });
  expect(await future("ALR-000001")).toEqual([
    "the alert would have been sent to slack; suppressed by silence S-12 (version 2) until 2026-05-04 13:00:00Z, and is told of in a digest then",
  ]);
  const { steps } = await explained("ALR-000001");
  expect(steps.filter(({ stage }) => stage === "silence" || stage === "pace")).toMatchObject([
    { text: "silence S-12 (version 2) holds back * until 2026-05-04 13:00:00Z" },
    {
      text: "nothing is sent while silence S-12 lasts; what it held is told of in a digest when it ends at 2026-05-04 13:00:00Z",
    },
  ]);
  await folder.fireTimers(NOON + HOUR);
  expect(await future("ALR-000001", NOON + HOUR)).toEqual([
    "the alert is to be sent to slack, due 2026-05-04 13:00:00Z (not tried yet)",
  ]);
});

test("what a silence without a digest held says that it is not told of", async () => {
  await open([{}], [{}], { silence: { until: time(NOON + HOUR) } });
  expect(await future("ALR-000001")).toEqual([
    "the alert would have been sent to slack; suppressed by silence S-12 (version 2) until 2026-05-04 13:00:00Z; it is not told of then",
  ]);
  expect(await future("ALR-000001", NOON + 2 * HOUR)).toEqual([
    "the alert would have been sent to slack; suppressed by silence S-12 (version 2), which ended 2026-05-04 13:00:00Z; it is not told of",
  ]);
});

test("what another alert inhibits names the policy and the alert", async () => {
  const matcher = (text: string) => ({ text, matches: kqlPredicate(text) });
  const policy = {
    name: "isolated",
    while: matcher("severity: critical"),
    mute: matcher("severity: low"),
    equal: ["host.name"],
  };
  const host = { name: "web-01" };
  const documents: TestDocument[] = [
    { host, alert: { severity: "critical" } },
    { host, alert: { severity: "low" } },
  ];
  await open([{}], documents, { policies: { inhibit: [policy] } });
  expect(await future("ALR-000002")).toEqual([
    "the alert would have been sent to slack; inhibited by policy isolated",
  ]);
  const { steps } = await explained("ALR-000002");
  expect(steps.find(({ stage }) => stage === "silence")?.text).toBe(
    "policy isolated mutes severity: low while ALR-000001 is open, which matches severity: critical and has the same host.name web-01",
  );
});

test("what is over a limit or outside the hours says until when it waits", async () => {
  const hours = { calendar: { ...OFFICE, isOpen: () => false }, outside: "hold" } as const;
  await open(
    [
      { to: ["chat"], limit: aLimit(1), continue: true },
      { to: ["desk"], hours },
    ],
    [{}, {}],
  );
  expect(await future("ALR-000002")).toEqual([
    "pending for chat until 2026-05-04 12:01:00Z (limit of route soc)",
    expect.stringMatching(/^pending for desk until \S+ \S+Z \(hours of route r1\)$/),
  ]);
  const { steps } = await explained("ALR-000002");
  expect(steps.filter(({ stage }) => stage === "pace").map(({ text }) => text)).toEqual([
    "over the limit of route soc, waits until 2026-05-04 12:01:00Z",
    expect.stringMatching(/^outside the hours of route r1, waits until /),
  ]);
});

test("a timer that has come and one that is gone are said as they are", async () => {
  await open([{ group_by: ["source.name"] }], [{}]);
  expect(await future("ALR-000001", NOON + MINUTE)).toEqual([
    "pending for slack due since 2026-05-04 12:00:30Z (group soc · sensor)",
  ]);
  folder.tamper("store", "UPDATE decision_state SET due_at = NULL");
  expect(await future("ALR-000001")).toEqual([
    "pending for slack (group soc · sensor), and no timer is set",
  ]);
});

test("what was folded names the digest that tells of it, and the digest what it tells of", async () => {
  folder = await openBusyFolder();
  expect(await future("ALR-000002", FLUSHED)).toEqual([
    "folded into the digest for chat carried by ALR-000001 (delivery 1), delivered 2026-05-04 12:00:01Z",
  ]);
  const { deliveries } = await explained("ALR-000001", FLUSHED);
  expect(deliveries.map(({ text }) => text)).toEqual([
    "the alert delivered to chat 2026-05-04 12:00:01Z, in a digest of 2 alerts (group digest grouped)",
    "reminder for chat at 2026-05-04 16:00:30Z (reminders of route grouped · sensor)",
    "the alert delivered to desk 2026-05-04 12:00:01Z",
  ]);
  folder.tamper("store", "UPDATE deliveries SET into_delivery = NULL");
  expect(await future("ALR-000002", FLUSHED)).toEqual([
    "folded into a digest for chat that retention has taken",
  ]);
});

test("an event that repeats an alert says which, and what becomes of that", async () => {
  folder = await openBusyFolder();
  const { events } = await explained("ALR-000001", FLUSHED);
  const repeat = events[1]?.id ?? "";
  const explanation = await explained(repeat, FLUSHED);
  expect(explanation).toMatchObject({
    event: { outcome: "repeat", alert: "ALR-000001" },
    alert: { number: "ALR-000001", count: 4, case_id: "CASE-000001" },
  });
  expect(explanation.counterfactual).toEqual([
    `event ${repeat} repeats ALR-000001, seen 4 times from 2026-05-04 12:00:00Z to 2026-05-04 12:01:00Z; it is told of with that alert alone`,
    "reminder for chat at 2026-05-04 16:00:30Z (reminders of route grouped · sensor)",
  ]);
  const fold = explanation.steps.filter(({ stage }) => stage === "fold");
  expect(fold.map(({ text }) => text)).toEqual([
    "policy same-host (*): no alert with the same host.name is known",
    "policy same-host (*): ALR-000001 with the same host.name is new and was seen 3 times from 2026-05-04 12:00:00Z to 2026-05-04 12:01:00Z; this happened 2026-05-04 12:01:00Z, within 1h of that",
  ]);
});

test("what was closed while it waited was not sent", async () => {
  await open([{ group_by: ["source.name"] }], [{}]);
  const database = new Database(folder.paths.store);
  changeAlert(database, 1 as Position, { status: "closed" }, "ann", NOON + 1000);
  database.close();
  await folder.fireTimers(NOON + MINUTE);
  expect(await future("ALR-000001")).toEqual([
    "the alert would have been sent to slack; the alert was closed while it waited",
  ]);
});

test("a shadow, tries that failed and what was given up are told with what to do", async () => {
  await open([{ to: ["chat"], shadow: true, continue: true }, { to: ["desk"] }], [{}]);
  await folder.deliver("desk", "failed");
  expect(await future("ALR-000001")).toEqual([
    "the alert would have been sent to chat; route soc is a shadow, which sends nothing",
    "the alert is to be sent to desk, due 2026-05-04 12:00:06Z (tried 1 time, last down for repairs)",
  ]);
  await folder.deliver("desk", "rejected", NOON + MINUTE);
  expect((await future("ALR-000001"))[1]).toBe(
    "the alert was given up for desk after 2 tries (rejected_by_peer: no such channel); again with: tocsin dead replay 2",
  );
});

test("a status that is written back says so, apart from what was told of its alert", async () => {
  await open([{ to: ["desk"] }], [{}]);
  const database = new Database(folder.paths.store);
  saveWriteBackTargets(database, new Map([["sensor", "lab"]]));
  changeAlert(database, 1 as Position, { status: "acknowledged" }, "ann", NOON);
  database.close();
  await folder.deliver("desk", "delivered");
  expect(await future("ALR-000001")).toEqual([
    "the status is to be sent to write-back:lab, due 2026-05-04 12:00:00Z (not tried yet)",
  ]);
  await folder.deliver("write-back:lab", "rejected");
  expect(await future("ALR-000001")).toEqual([
    "the status was given up for write-back:lab after 1 try (rejected_by_peer: no such channel); again with: tocsin dead replay 2",
  ]);
});

test("a status that is shown where its alert was told of says so", async () => {
  await open([{ to: ["desk", "chat"] }], [{}]);
  const database = new Database(folder.paths.store);
  saveStatusListeners(database, ["desk"]);
  changeAlert(database, 1 as Position, { status: "acknowledged" }, "ann", NOON);
  database.close();
  for (const name of ["desk", "chat"]) await folder.deliver(name, "delivered");
  expect(await future("ALR-000001")).toEqual([
    "the update of its status is to be sent to desk, due 2026-05-04 12:00:00Z (not tried yet)",
  ]);
  await folder.deliver("desk", "delivered");
  expect(await future("ALR-000001")).toEqual([]);
});

test("an unrouted alert names the routes that were tried, and the condition that did not hold", async () => {
  const match = "severity >= high and host.name: web-*";
  await open([{ match }], [{ host: { name: "db-01" }, alert: { severity: "low" } }]);
  expect(await future("ALR-000001")).toEqual(["no route took it; which were tried is not kept"]);
  const routes = [
    { name: "soc", match },
    { name: "either", match: "severity: critical or tags: vip" },
    { name: "newer" },
    { name: "broken", match: "severity >=" },
  ];
  keepConfiguration({ routes });
  expect(await future("ALR-000001")).toEqual([
    "route soc does not take it: severity >= high does not hold (severity is low), and host.name: web-* does not hold (host.name is db-01)",
    "route either does not take it: severity: critical or tags: vip does not hold (severity is low, tags is not there)",
    "route newer (*) would take it now",
    "route broken cannot be read: severity >=",
  ]);
  keepConfiguration({ routes: Array.from({ length: 50 }, () => ({ name: "r", match: "a: b" })) });
  expect((await future("ALR-000001")).at(-1)).toBe("and 30 more routes did not take it");
});

function keepConfiguration(configuration: object): void {
  const database = new Database(folder.paths.store);
  database.run(
    "INSERT OR REPLACE INTO meta VALUES ('configuration', ?)",
    JSON.stringify(configuration),
  );
  database.close();
}

test("an event that came to no alert is explained by its outcome alone", async () => {
  await open([{}], [{ broken: true }]);
  expect(await explained("ALR-000001")).toMatchObject({
    event: { outcome: "quarantined" },
    alert: null,
    steps: [],
    counterfactual: [],
  });
});
