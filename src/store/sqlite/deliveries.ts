/** The outbox: deliveries, their attempts, and what destinations asked to remember. */
import type { PlannedDelivery } from "../../pipeline/outcome.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import type { Attempt, DeliveryId } from "../store.ts";

export interface DeliveryRow {
  readonly id: DeliveryId;
  readonly alert: Position;
  readonly destination: string;
  readonly thread: string | null;
  readonly attempts: number;
  readonly created_at: number;
}

/** Puts a planned delivery into the outbox, due at once unless it is not to be sent. */
export function insertDelivery(
  database: Database,
  alert: Position,
  planned: PlannedDelivery,
  now: number,
): void {
  database.run(
    `INSERT INTO deliveries
       (alert, destination, route, thread, state, reason, due_at, attempts, created_at, done_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
     ON CONFLICT (alert, destination) DO NOTHING`,
    alert,
    planned.destination,
    planned.route,
    planned.thread,
    planned.state,
    planned.reason,
    now,
    now,
    planned.state === "pending" ? null : now,
  );
}

/**
 * Pending deliveries that are due, the longest due first; of a thread only the oldest, so that a
 * message that waits for its next try holds back those behind it.
 */
export function listDue(
  database: Database,
  destination: string,
  now: number,
  limit: number,
): DeliveryRow[] {
  return database.all<DeliveryRow>(
    `SELECT id, alert, destination, thread, attempts, created_at
     FROM deliveries AS d INDEXED BY deliveries_due
     WHERE destination = ? AND state = 'pending' AND due_at <= ?
       AND (thread IS NULL OR NOT EXISTS (
         SELECT 1 FROM deliveries AS earlier INDEXED BY deliveries_thread
         WHERE earlier.destination = d.destination AND earlier.thread = d.thread
           AND earlier.state = 'pending' AND earlier.id < d.id))
     ORDER BY due_at, id LIMIT ?`,
    destination,
    now,
    limit,
  );
}

/** Times at which pending deliveries fall due, the next ones first. */
export function listDueTimes(
  database: Database,
  destination: string,
  limit: number,
): { id: DeliveryId; due_at: number }[] {
  return database.all(
    `SELECT id, due_at FROM deliveries INDEXED BY deliveries_due
     WHERE destination = ? AND state = 'pending' ORDER BY due_at, id LIMIT ?`,
    destination,
    limit,
  );
}

/** Moves a delivery on after a try. */
export function updateDelivery(
  database: Database,
  id: DeliveryId,
  next: {
    state: string;
    reason: string;
    due_at: number | null;
    attempts: number;
    done_at: number | null;
  },
): void {
  database.run(
    `UPDATE deliveries
     SET state = ?, reason = ?, due_at = coalesce(?, due_at), attempts = ?, done_at = ? WHERE id = ?`,
    next.state,
    next.reason,
    next.due_at,
    next.attempts,
    next.done_at,
    id,
  );
}

/** Writes one try down. */
export function insertAttempt(
  database: Database,
  id: DeliveryId,
  number: number,
  at: number,
  attempt: Attempt,
): void {
  database.run(
    `INSERT INTO attempts (delivery, number, at, verdict, reason, status, duration, error)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    id,
    number,
    at,
    attempt.verdict,
    attempt.reason,
    attempt.status,
    Math.round(attempt.duration),
    attempt.error,
  );
}

/** What the newest message of a thread asked to remember. */
export function findMemory(database: Database, destination: string, thread: string): string | null {
  const row = database.get<{ value: string }>(
    "SELECT value FROM memories WHERE destination = ? AND thread = ?",
    destination,
    thread,
  );
  return row?.value ?? null;
}

/** Remembers something for a thread. */
export function saveMemory(
  database: Database,
  destination: string,
  thread: string,
  value: string,
  at: number,
): void {
  database.run(
    `INSERT INTO memories (destination, thread, value, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (destination, thread) DO UPDATE SET value = excluded.value, at = excluded.at`,
    destination,
    thread,
    value,
    at,
  );
}

/** Puts deliveries back to pending, due now; attempts so far stay on record. */
export function requeueDelivery(
  database: Database,
  id: DeliveryId,
  reason: string,
  now: number,
): boolean {
  return (
    database.run(
      `UPDATE deliveries SET state = 'pending', reason = ?, due_at = ?, created_at = ?, done_at = NULL
       WHERE id = ? AND state <> 'pending'`,
      reason,
      now,
      now,
      id,
    ).changes > 0
  );
}
