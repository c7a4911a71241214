/** The ledger: one row for every entry of the stream, with its one outcome. */
import type { Decision } from "../../pipeline/decide.ts";
import type { Position } from "../../pipeline/entry.ts";
import { placeOf } from "../../pipeline/flow.ts";
import type { Database } from "../../sqlite/database.ts";
import { digestOf } from "../../sqlite/digest.ts";

/** Writes an entry's outcome; false, and nothing written, when its key or position is there already. */
export function insertEvent(database: Database, decision: Decision): boolean {
  const { entry, outcome } = decision;
  const { changes } = database.run(
    `INSERT INTO events (position, digest, source, received_at, outcome, reason, detail, alert)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    entry.position,
    opensKey(decision) ? digestOf(entry.key) : null,
    entry.source,
    entry.received_at,
    outcome.kind,
    outcome.reason,
    outcome.kind === "quarantined" ? outcome.detail : null,
    alertOf(decision),
  );
  return changes > 0;
}

/** Whether its key is known from here on; that of a duplicate is known from elsewhere. */
function opensKey({ outcome: { kind } }: Decision): boolean {
  return kind === "alert" || kind === "updated" || kind === "repeat";
}

/** Where the alert of an entry is: its own place, or that of the one it repeats or updates. */
function alertOf(decision: Decision): Position | null {
  return decision.outcome.kind === "quarantined" ? null : placeOf(decision);
}

/** Where a key was first decided. */
export function findKey(database: Database, key: string): Position | undefined {
  return database.get<{ position: Position }>(
    "SELECT coalesce(alert, position) AS position FROM events WHERE digest = ?",
    digestOf(key),
  )?.position;
}

/** Whether an entry has its outcome. */
export function hasEvent(database: Database, position: Position): boolean {
  return database.get("SELECT 1 FROM events WHERE position = ?", position) !== undefined;
}

/** When an entry was received, and where its alert is; that is null for what is in quarantine. */
export function findPlace(
  database: Database,
  position: number,
): { readonly received_at: number; readonly alert: Position | null } | undefined {
  return database.get("SELECT received_at, alert FROM events WHERE position = ?", position);
}
