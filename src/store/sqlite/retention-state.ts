/** What decisions remember without an alert to keep it: cells, memories, cases, silences. */
import type { Database } from "../../sqlite/database.ts";
import { changeState } from "./change-state.ts";
import { raiseSilencesVersion } from "./meta.ts";

/** How many of each one step removes. */
const STEP = 200;

/**
 * Removes some of what was last touched before a time (epoch milliseconds) and speaks of nothing that
 * is there; answers how many. Call it again until that is 0.
 */
export function deleteIdleState(database: Database, before: number): number {
  return changeState(database, () =>
    [deleteCells, deleteMemories, deleteCases, deleteSilences]
      .map((remove) => remove(database, before))
      .reduce((sum, count) => sum + count),
  );
}

/** A timer keeps its cell, an alert those that speak of it; the number of the newest case is kept for good. */
function deleteCells(database: Database, before: number): number {
  return database.run(
    `DELETE FROM decision_state WHERE (stage, key) IN (
       SELECT stage, key FROM decision_state INDEXED BY decision_state_idle
       WHERE alert IS NULL AND due_at IS NULL AND at < ? AND stage <> 'case_number' LIMIT ${STEP})`,
    before,
  ).changes;
}

function deleteMemories(database: Database, before: number): number {
  return database.run(
    `DELETE FROM memories WHERE (destination, thread) IN (
       SELECT destination, thread FROM memories INDEXED BY memories_at
       WHERE at < ? LIMIT ${STEP})`,
    before,
  ).changes;
}

/**
 * Cases that are closed and whose alerts are gone. One that was merged stays as long as the other:
 * its timeline says which alerts that one has from it.
 */
function deleteCases(database: Database, before: number): number {
  const rows = database.all<{ number: number }>(
    `SELECT number FROM cases AS c INDEXED BY cases_closed
     WHERE status = 'closed' AND updated_at < ?
       AND NOT EXISTS (SELECT 1 FROM alerts WHERE case_number = c.number)
       AND NOT EXISTS (SELECT 1 FROM cases AS other
         WHERE other.number = CAST(substr(c.document ->> 'merged_into', 6) AS INTEGER))
     LIMIT ${STEP}`,
    before,
  );
  for (const { number } of rows) {
    database.run("DELETE FROM case_timeline WHERE case_number = ?", number);
    database.run("DELETE FROM cases WHERE number = ?", number);
  }
  return rows.length;
}

function deleteSilences(database: Database, before: number): number {
  const { changes } = database.run(
    "DELETE FROM silences WHERE coalesce(ended_at, until) < ?",
    before,
  );
  if (changes > 0) raiseSilencesVersion(database);
  return changes;
}
