import { afterEach, beforeEach, expect, test } from "vitest";
import type { Position } from "../pipeline/entry.ts";
import { Database } from "../sqlite/database.ts";
import { changeAlert } from "../store/sqlite/alert-changes.ts";
import { deleteEvents } from "../store/sqlite/retention.ts";
import { saveWriteBackTargets } from "../store/sqlite/write-back.ts";
import { pruneRows } from "../stream/sqlite/prune.ts";
import { auditData, auditSchema, type AuditReport } from "./audit.ts";
import { auditInThread } from "./audit-thread.ts";
import { aRejectedEntry, anEntry, NOON, TestFolder } from "./testing/folder.ts";

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

const audit = (since: number | null = null): AuditReport =>
  auditData(folder.paths, { since, now: NOON + 60_000 });

/**
 * Positions: 1 high, 2 medium, 3 low, 4 informational (unrouted), 5 unreadable, 6 broken for its
 * source, 7 opens a subject and 8 updates it. All decided; `chat` delivered, `desk` refused.
 */
async function fill(): Promise<void> {
  await folder.receive([
    anEntry("a"),
    anEntry("b", { alert: { severity: "medium" } }),
    anEntry("c", { alert: { severity: "low" } }),
    anEntry("d", { alert: { severity: "informational" } }),
    aRejectedEntry("e", "{nonsense"),
  ]);
  await folder.receive([anEntry("a"), anEntry("f", { broken: true })]);
  await folder.receive([], { source: "other" });
  await folder.receive([anEntry("g", { subject: "s1" })], { source: "other" });
  await folder.receive([anEntry("h", { subject: "s1", alert: { severity: "low" } })], {
    source: "other",
  });
  await folder.decide();
  expect(await folder.deliver("chat", "delivered")).toBe(3);
  expect(await folder.deliver("desk", "rejected")).toBe(2);
}

test("a folder in which all is accounted for balances", async () => {
  await fill();
  const report = audit();
  expect(report.gaps).toEqual([]);
  expect(report).toMatchObject({
    balanced: true,
    decided_to: 8,
    newest: 8,
    received: { items: 9, accepted: 7, duplicates: 1, quarantined: 1, empty_receipts: 1 },
    outcomes: { alert: 5, updated: 1, duplicate: 0, quarantined: 2 },
    alerts: { routed: 4, unrouted: 1 },
    in_flight: { entries: 0, deliveries: 0, oldest_age_ms: null },
  });
  expect(report.destinations).toEqual([
    expect.objectContaining({ name: "chat", delivered: 3, pending: 0, dead: 0, suppressed: 0 }),
    expect.objectContaining({ name: "desk", delivered: 0, pending: 0, dead: 2, suppressed: 1 }),
  ]);
  expect(report.sources.map(({ name }) => name)).toEqual(["other", "sensor"]);
  expect(auditSchema.parse(report)).toEqual(report);
});

test("a status that is written back is planned by whoever changed it, and in flight until then", async () => {
  await fill();
  const database = new Database(folder.paths.store);
  saveWriteBackTargets(database, new Map([["sensor", "lab"]]));
  for (const position of [1, 4] as Position[]) {
    changeAlert(database, position, { status: "acknowledged" }, "ann", NOON);
    changeAlert(database, position, { status: "closed" }, "ann", NOON);
  }
  database.close();
  const { gaps, in_flight, destinations } = audit();
  expect(gaps).toEqual([]);
  expect(in_flight.deliveries).toBe(4);
  expect(destinations.at(-1)).toMatchObject({ name: "write-back:lab", pending: 4 });
});

test("what is not decided or not delivered is in flight, counted and aged, and no gap", async () => {
  await fill();
  await folder.receive([anEntry("i")]);
  await folder.decide();
  await folder.receive([anEntry("j"), anEntry("k")], { received_at: NOON - 60_000 });
  const report = audit();
  expect(report.balanced).toBe(true);
  expect(report.in_flight).toEqual({ entries: 2, deliveries: 2, oldest_age_ms: 120_000 });
  expect(report.sources[1]?.in_flight).toEqual({ entries: 2, oldest_age_ms: 120_000 });
  expect(report.destinations[0]).toMatchObject({ pending: 1, oldest_pending_age_ms: 60_000 });
});

test("a window leaves out what was received before it, but not what is still on its way", async () => {
  await folder.receive([anEntry("a")]);
  await folder.decide();
  await folder.receive([anEntry("b")], { received_at: NOON + 30_000 });
  await folder.decide();
  const report = audit(NOON + 10_000);
  expect(report.received.items).toBe(1);
  expect(report.destinations[0]).toMatchObject({ name: "chat", pending: 1 });
  expect(report.in_flight.deliveries).toBe(4);
  expect(report.window.since).toBe(new Date(NOON + 10_000).toISOString());
});

test("an empty folder balances", () => {
  expect(audit()).toMatchObject({ balanced: true, newest: 0, decided_to: 0, sources: [] });
});

const idAt = (position: number): string => {
  const database = new Database(folder.paths.store, { readOnly: true });
  const row = database.get<{ id: string }>(
    "SELECT document ->> 'id' AS id FROM alerts WHERE position = ?",
    position,
  );
  database.close();
  return row?.id ?? "";
};

test.each<[string, "stream" | "store", string, object]>([
  [
    "an entry without an outcome",
    "store",
    "DELETE FROM events WHERE position = 5",
    { kind: "entry_without_outcome", position: 5, id: expect.stringMatching(/^[0-9A-Z]{26}$/) },
  ],
  [
    "an event of another outcome",
    "store",
    "UPDATE events SET outcome = 'ignored' WHERE position = 5",
    { kind: "outcome_unknown", position: 5 },
  ],
  [
    "an outcome whose alert is gone",
    "store",
    "DELETE FROM alerts WHERE position = 3",
    { kind: "alert_missing", position: 3, id: expect.stringMatching(/^[0-9A-Z]{26}$/) },
  ],
  [
    "an update of an alert that is not there",
    "store",
    "UPDATE events SET alert = 77 WHERE position = 8",
    { kind: "alert_missing", position: 8 },
  ],
  [
    "one of two deliveries gone",
    "store",
    "DELETE FROM deliveries WHERE alert = 1 AND destination = 'desk'",
    { kind: "delivery_missing", position: 1, detail: expect.stringContaining("desk") },
  ],
  [
    "a shadow delivery gone",
    "store",
    "DELETE FROM deliveries WHERE state = 'suppressed'",
    { kind: "delivery_missing", position: 2, detail: expect.stringContaining("desk") },
  ],
  [
    "a delivery of an unrouted alert",
    "store",
    `INSERT INTO deliveries (id, alert, destination, route, state, reason, due_at, attempts, created_at)
     VALUES (99, 4, 'chat', 'r', 'pending', 'x', 0, 0, 0)`,
    { kind: "delivery_unplanned", id: "99", position: 4 },
  ],
  [
    "a delivery without an alert",
    "store",
    "UPDATE deliveries SET alert = 50 WHERE alert = 2 AND destination = 'chat'",
    { kind: "delivery_without_alert", position: 50 },
  ],
  [
    "a delivery in no known state",
    "store",
    "UPDATE deliveries SET state = 'lost' WHERE alert = 2 AND destination = 'chat'",
    { kind: "delivery_state_unknown", position: 2 },
  ],
  [
    "a delivery that nobody sent",
    "store",
    "DELETE FROM attempts WHERE verdict = 'delivered' AND delivery IN (SELECT id FROM deliveries WHERE alert = 1)",
    { kind: "delivered_without_attempt", position: 1, detail: expect.stringContaining("chat") },
  ],
  [
    "a receipt that does not add up",
    "stream",
    "UPDATE receipts SET items = 6 WHERE id = 1",
    { kind: "receipt_unbalanced", id: "1", detail: expect.stringContaining("6 items") },
  ],
  [
    "an entry that a receipt counted",
    "stream",
    "DELETE FROM entries WHERE position = 3",
    { kind: "receipt_entries", id: "1" },
  ],
  [
    "an item put aside that was counted as taken",
    "stream",
    "UPDATE entries SET reason = NULL WHERE position = 5",
    { kind: "receipt_entries", id: "1" },
  ],
  [
    "an entry without a receipt",
    "stream",
    "DELETE FROM receipts WHERE id = 4",
    { kind: "entry_without_receipt", position: 7 },
  ],
  [
    "a stream from an older copy",
    "stream",
    "DELETE FROM entries WHERE position > 6; UPDATE sequences SET last = 6 WHERE name = 'position'",
    { kind: "stream_behind_store", position: 6 },
  ],
])("finds %s, with its id", async (_, file, sql, gap) => {
  await fill();
  folder.tamper(file, sql);
  const report = audit();
  expect(report.balanced).toBe(false);
  expect(report.gaps).toContainEqual(expect.objectContaining(gap));
});

test("an alert that lost the event which opened it is found by its id", async () => {
  await fill();
  const id = idAt(3);
  folder.tamper("store", "DELETE FROM events WHERE position = 3");
  const { gaps } = audit();
  expect(gaps).toContainEqual(expect.objectContaining({ kind: "alert_without_event", id }));
  expect(gaps).toContainEqual(expect.objectContaining({ kind: "entry_without_outcome", id }));
});

test("all gaps are counted, though only the first of a kind are shown", async () => {
  const entries = Array.from({ length: 300 }, (_, index) => anEntry(`many-${index}`));
  await folder.receive(entries);
  await folder.decide();
  folder.tamper("store", "DELETE FROM deliveries WHERE destination = 'chat'");
  const report = audit();
  expect(report.gap_count).toBe(300);
  expect(report.gaps).toHaveLength(200);
});

test("what retention took is no gap, between its two steps neither", async () => {
  await fill();
  const stream = new Database(folder.paths.stream);
  pruneRows(stream, { bodies: [], entries: [3, 5], receiptsBefore: 0 });
  stream.close();
  expect(audit().gaps).toEqual([]);
  const store = new Database(folder.paths.store);
  deleteEvents(store, [3, 5]);
  store.close();
  expect(audit()).toMatchObject({ balanced: true, outcomes: { alert: 4, quarantined: 1 } });
});

test("a folder without data cannot be checked", () => {
  const paths = { stream: `${folder.path}/none.db`, store: folder.paths.store };
  expect(() => auditData(paths, { since: null, now: NOON })).toThrow(
    expect.objectContaining({ code: "DATA_MISSING" }),
  );
});

test("on a thread of its own it answers the same", async () => {
  await fill();
  const options = { since: null, now: NOON + 60_000 };
  expect(await auditInThread(folder.paths, options)).toEqual(audit());
});

test("on a thread of its own it fails with the same error", async () => {
  const paths = { stream: `${folder.path}/none.db`, store: folder.paths.store };
  await expect(auditInThread(paths, { since: null, now: NOON })).rejects.toMatchObject({
    code: "DATA_MISSING",
    hint: expect.stringContaining("Start Tocsin once"),
  });
});

test("beside a server at work it never sees a gap", async () => {
  const options = { since: null, now: NOON };
  const audits = { left: 4 };
  const watch = async (): Promise<AuditReport[]> => {
    const reports: AuditReport[] = [];
    for (; audits.left > 0; audits.left -= 1) {
      reports.push(await auditInThread(folder.paths, options));
    }
    return reports;
  };
  const watching = watch();
  for (let round = 0; audits.left > 0; round += 1) {
    const entries = Array.from({ length: 40 }, (_, index) => anEntry(`${round}/${index}`));
    await folder.receive(entries);
    await folder.decide(25 + (round % 2) * 100);
    await folder.deliver("chat", "delivered");
  }
  const reports = await watching;
  expect(reports.flatMap(({ gaps }) => gaps)).toEqual([]);
  expect(reports.at(-1)?.newest).toBeGreaterThan(reports[0]?.newest ?? 0);
});
