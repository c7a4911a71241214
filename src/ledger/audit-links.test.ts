import { afterEach, beforeEach, expect, test } from "vitest";
import { Database } from "../sqlite/database.ts";
import { deleteEvents } from "../store/sqlite/retention.ts";
import { deleteIdleState } from "../store/sqlite/retention-state.ts";
import { pruneRows } from "../stream/sqlite/prune.ts";
import { auditData, auditSchema, type AuditReport } from "./audit.ts";
import { FLUSHED, onHost, openBusyFolder } from "./testing/busy.ts";
import type { TestFolder } from "./testing/folder.ts";

let folder: TestFolder;
beforeEach(async () => void (folder = await openBusyFolder()));
afterEach(() => folder.remove());

const audit = (): AuditReport => auditData(folder.paths, { since: null, now: FLUSHED });

/** As retention does. */
function prune(positions: readonly number[]): void {
  const stream = new Database(folder.paths.stream);
  pruneRows(stream, { bodies: [], entries: [...positions], receiptsBefore: 0 });
  stream.close();
  const store = new Database(folder.paths.store);
  deleteEvents(store, positions);
  store.close();
}

test("repeats, a digest, a case and what waits are all accounted for", () => {
  const report = audit();
  expect(report.gaps).toEqual([]);
  expect(report.outcomes).toEqual({
    alert: 2,
    updated: 0,
    repeat: 3,
    duplicate: 0,
    quarantined: 0,
  });
  expect(report.destinations).toMatchObject([
    { name: "chat", delivered: 1, folded: 1, pending: 1, held: 1 },
    { name: "desk", delivered: 1, pending: 0, held: 0 },
  ]);
  expect(auditSchema.parse(report)).toEqual(report);
});

test.each<[string, string, object]>([
  [
    "something that waits for a timer that is gone",
    "DELETE FROM decision_state WHERE stage = 'remind'",
    { kind: "held_without_timer", position: 1, detail: expect.stringContaining("chat") },
  ],
  [
    "something that waits for a cell without a timer",
    "UPDATE decision_state SET due_at = NULL WHERE stage = 'remind'",
    { kind: "held_without_timer", position: 1 },
  ],
  [
    "something that waits for a cell of another name",
    "UPDATE deliveries SET hold = 'group:other' WHERE hold IS NOT NULL",
    { kind: "held_without_timer", detail: expect.stringContaining("group:other") },
  ],
  [
    "something folded into what is not there",
    "UPDATE deliveries SET into_delivery = 99 WHERE state = 'folded'",
    { kind: "folded_without_carrier", position: 2, detail: expect.stringContaining("99") },
  ],
  [
    "something folded into what is folded itself",
    "UPDATE deliveries SET state = 'folded' WHERE alert = 1 AND destination = 'chat'",
    { kind: "folded_without_carrier", position: 2 },
  ],
  [
    "an alert that counts more than came",
    "UPDATE alerts SET document = json_set(document, '$.count', 6) WHERE position = 1",
    { kind: "count_mismatch", position: 1, detail: expect.stringContaining("counts 6") },
  ],
  [
    "an alert that counts less than came",
    "UPDATE alerts SET document = json_set(document, '$.count', 3) WHERE position = 1",
    { kind: "count_mismatch", position: 1 },
  ],
  [
    "a repeat of an alert that is not there",
    "UPDATE events SET alert = 77 WHERE position = 3",
    { kind: "alert_missing", position: 3 },
  ],
  [
    "a repeat that was booked on another alert",
    "UPDATE events SET alert = 2 WHERE position = 3",
    { kind: "count_mismatch", position: 2 },
  ],
  [
    "an alert in a case that is not there",
    "UPDATE alerts SET case_number = 9 WHERE position = 2",
    { kind: "case_mismatch", position: 2, detail: expect.stringContaining("CASE-000009") },
  ],
  [
    "a case that has lost an alert",
    "UPDATE alerts SET case_number = NULL WHERE position = 2",
    { kind: "case_mismatch", id: "CASE-000001", detail: expect.stringContaining("counts 2") },
  ],
  [
    "a case that counts too few",
    "UPDATE cases SET document = json_set(document, '$.alert_count', 1)",
    { kind: "case_mismatch", id: "CASE-000001" },
  ],
  [
    "a first delivery gone, though a reminder waits",
    "DELETE FROM deliveries WHERE alert = 1 AND destination = 'chat' AND sequence = 0",
    { kind: "delivery_missing", position: 1, detail: expect.stringContaining("chat") },
  ],
  [
    "a reminder where its alert never went",
    "UPDATE deliveries SET destination = 'mail' WHERE sequence = 1",
    { kind: "delivery_unplanned", position: 1, detail: expect.stringContaining("mail") },
  ],
  [
    "what a repeat sent somewhere new, gone",
    "DELETE FROM deliveries WHERE destination = 'desk'",
    { kind: "delivery_missing", position: 1, detail: expect.stringContaining("desk") },
  ],
])("finds %s", (_, sql, gap) => {
  folder.tamper("store", sql);
  const report = audit();
  expect(report.balanced).toBe(false);
  expect(report.gaps).toContainEqual(expect.objectContaining(gap));
  expect(auditSchema.parse(report)).toEqual(report);
});

test("repeats that retention took before their alert are no gap, and excuse no more than they are", () => {
  prune([3, 4]);
  expect(audit().gaps).toEqual([]);
  const count = (value: number): void =>
    folder.tamper(
      "store",
      `UPDATE alerts SET document = json_set(document, '$.count', ${value}) WHERE position = 1`,
    );
  count(5);
  expect(audit().gaps).toContainEqual(expect.objectContaining({ kind: "count_mismatch" }));
});

test("what retention took before an alert came does not excuse its count", async () => {
  await folder.receive([onHost("f", "f")], { received_at: FLUSHED });
  await folder.decide();
  prune([3, 4]);
  folder.tamper(
    "store",
    "UPDATE alerts SET document = json_set(document, '$.count', 2) WHERE position = 6",
  );
  expect(audit().gaps).toMatchObject([{ kind: "count_mismatch", position: 6 }]);
});

test("an alert that retention took from its case is no gap, nor is a carrier that it took", () => {
  prune([1, 3, 4, 5]);
  expect(audit().gaps).toEqual([]);
  folder.tamper("store", "UPDATE cases SET document = json_set(document, '$.alert_count', 3)");
  expect(audit().gaps).toMatchObject([{ kind: "case_mismatch", id: "CASE-000001" }]);
});

test("an alert that retention took from a case that was merged is no gap", () => {
  folder.tamper(
    "store",
    `INSERT INTO cases SELECT 2, 'new', severity, NULL, opened_at, updated_at, document FROM cases;
     UPDATE cases SET status = 'closed',
       document = json_set(document, '$.alert_count', 0, '$.merged_into', 'CASE-000002')
     WHERE number = 1;
     INSERT INTO case_timeline
     VALUES (2, 1, 0, 'ann', 'merged', '{"from":"CASE-000001","alerts":2}');
     UPDATE alerts SET case_number = 2`,
  );
  expect(audit().gaps).toEqual([]);
  prune([2]);
  expect(audit().gaps).toEqual([]);
  const store = new Database(folder.paths.store);
  expect(deleteIdleState(store, FLUSHED + 1)).toBe(0);
  store.close();
  expect(audit().gaps).toEqual([]);
});
