/** The ledger: one row for every entry of the stream, with its one outcome. */
import type { Decision } from "../../pipeline/decide.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { digestOf } from "../../sqlite/digest.ts";

/** Writes an entry's outcome; false, and nothing written, when its key or position is there already. */
export function insertEvent(database: Database, decision: Decision): boolean {
  const { entry, outcome } = decision;
  const { changes } = database.run(
    `INSERT INTO events (position, digest, source, received_at, outcome, reason, detail, alert)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    entry.position,
    outcome.kind === "alert" || outcome.kind === "updated" ? digestOf(entry.key) : null,
    entry.source,
    entry.received_at,
    outcome.kind,
    outcome.reason,
    outcome.kind === "quarantined" ? outcome.detail : null,
    alertOf(decision),
  );
  return changes > 0;
}

/** Where the alert of an entry is: its own place, or that of the one it repeats or updates. */
function alertOf({ entry, outcome }: Decision): Position | null {
  switch (outcome.kind) {
    case "alert":
      return entry.position;
    case "updated":
    case "duplicate":
      return outcome.of;
    case "quarantined":
      return null;
  }
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
