/** Cases and their timelines. */
import { severityId } from "../../alert/severity.ts";
import type { Case, CaseWrite, TimelineEntry } from "../../case/case.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";

/** A case by its number. */
export function findCase(database: Database, number: number): Case | undefined {
  const row = database.get<{ document: string }>(
    "SELECT document FROM cases WHERE number = ?",
    number,
  );
  return row && (JSON.parse(row.document) as Case);
}

/**
 * The number of the next case that is made by hand, taken from the same counter as those that
 * policies open. Part of the `changeState` that stores the case.
 */
export function nextCaseNumber(database: Database, now: number): number {
  const row = database.get<{ number: number }>(
    `INSERT INTO decision_state (stage, key, value, at) VALUES ('case_number', '', '{"last":1}', ?)
     ON CONFLICT (stage, key) DO UPDATE SET at = excluded.at,
       value = json_object('last', CAST(value ->> 'last' AS INTEGER) + 1)
     RETURNING value ->> 'last' AS number`,
    now,
  );
  return row?.number ?? 1;
}

/** Stores a case as it is after a change, and what its timeline says of that. */
export function writeCase(database: Database, write: CaseWrite): void {
  upsertCase(database, write.case);
  for (const entry of write.entries) insertTimelineEntry(database, write.case.number, entry);
}

function upsertCase(database: Database, document: Case): void {
  database.run(
    `INSERT INTO cases (number, status, severity, policy, opened_at, updated_at, document)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (number) DO UPDATE SET status = excluded.status, severity = excluded.severity,
       policy = excluded.policy, updated_at = excluded.updated_at, document = excluded.document`,
    document.number,
    document.status,
    severityId(document.severity),
    document.policy,
    Date.parse(document.opened_at),
    Date.parse(document.updated_at),
    JSON.stringify(document),
  );
}

function insertTimelineEntry(database: Database, number: number, entry: TimelineEntry): void {
  database.run(
    `INSERT INTO case_timeline (case_number, sequence, at, who, kind, detail)
     SELECT ?1, coalesce(max(sequence), 0) + 1, ?2, ?3, ?4, ?5
     FROM case_timeline WHERE case_number = ?1`,
    number,
    Date.parse(entry.at),
    entry.who,
    entry.kind,
    JSON.stringify(entry.detail),
  );
}

/** What happened to a case, in the order in which it was written. */
export function listCaseTimeline(database: Database, number: number): TimelineEntry[] {
  return database
    .all<{ at: number; who: string; kind: TimelineEntry["kind"]; detail: string }>(
      "SELECT at, who, kind, detail FROM case_timeline WHERE case_number = ? ORDER BY sequence",
      number,
    )
    .map(({ at, who, kind, detail }) => ({
      at: new Date(at).toISOString(),
      who,
      kind,
      detail: JSON.parse(detail) as TimelineEntry["detail"],
    }));
}

/** Positions of the alerts that are in a case now, the oldest first. */
export function listCaseAlerts(database: Database, number: number): Position[] {
  return database
    .all<{ position: Position }>(
      "SELECT position FROM alerts WHERE case_number = ? ORDER BY position",
      number,
    )
    .map(({ position }) => position);
}
