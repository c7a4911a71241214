/**
 * Makes up for a clock that was set back: what counts from a moment in the future counts from now. One
 * statement a function; each is part of a transaction.
 */
import type { Database } from "../../sqlite/database.ts";

/** A clock that is corrected by less than this delays nothing that anybody would notice. */
const TOLERANCE_MS = 1000;

/** Timers that count from when they were set. Those of hours and silences come by the calendar. */
export function rearmCells(database: Database, now: number): void {
  database.run(
    `UPDATE decision_state INDEXED BY decision_state_due
     SET due_at = due_at - (at - ?1), at = ?1
     WHERE due_at IS NOT NULL AND at > ?2 AND stage IN ('group', 'limit', 'remind', 'update')`,
    now,
    now + TOLERANCE_MS,
  );
}

/** What is closed from now on was closed while it was held. */
export function rearmHeld(database: Database, now: number): void {
  database.run(
    "UPDATE deliveries SET held_at = ?1 WHERE hold IS NOT NULL AND held_at > ?2",
    now,
    now + TOLERANCE_MS,
  );
}

/**
 * Tries that wait since their last one, or since their delivery was due for the first time. One that
 * is due before that moment was moved already.
 */
export function rearmDeliveries(database: Database, now: number): void {
  database.run(
    `UPDATE deliveries SET due_at = deliveries.due_at - (waiting.since - ?1)
     FROM (
       SELECT id, max(created_at, coalesce(
         (SELECT max(at) FROM attempts WHERE delivery = deliveries.id), 0)) AS since
       FROM deliveries INDEXED BY deliveries_due
       WHERE state = 'pending' AND hold IS NULL AND due_at > ?1
     ) AS waiting
     WHERE deliveries.id = waiting.id AND waiting.since > ?2
       AND deliveries.due_at >= waiting.since`,
    now,
    now + TOLERANCE_MS,
  );
}
