/** The outbox: deliveries and their attempts. */
import type { Position } from "../../pipeline/entry.ts";
import type { DeliveryKind, DeliveryReason, PlannedDelivery } from "../../pipeline/outcome.ts";
import type { KnownDelivery } from "../../pipeline/state.ts";
import type { Database } from "../../sqlite/database.ts";
import type { Attempt, DeliveryId } from "../store.ts";
import { insertSilenced } from "./silenced.ts";

/** A delivery as a worker needs it. */
export interface DeliveryRow {
  readonly id: DeliveryId;
  readonly alert: Position;
  readonly destination: string;
  readonly kind: DeliveryKind;
  readonly sequence: number;
  readonly thread: string | null;
  /** Why it tells of several alerts; null when it tells of one. */
  readonly digest: DeliveryReason | null;
  readonly cause: string | null;
  readonly attempts: number;
  readonly created_at: number;
}

/** When a delivery is planned: by the clock, and by the log. Epoch milliseconds. */
export interface PlannedAt {
  readonly now: number;
  readonly received: number;
}

/** Puts a planned delivery into the outbox, due at once unless it is held or not to be sent. */
export function insertDelivery(
  database: Database,
  alert: Position,
  planned: PlannedDelivery,
  { now, received }: PlannedAt,
): void {
  database.run(
    `INSERT INTO deliveries
       (alert, destination, route, kind, sequence, thread, state, reason, cause, hold, held_at,
        due_at, attempts, created_at, done_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
     ON CONFLICT (alert, destination, sequence) DO NOTHING`,
    alert,
    planned.destination,
    planned.route,
    planned.kind,
    planned.sequence,
    planned.thread,
    planned.state,
    planned.reason,
    planned.cause,
    planned.hold,
    planned.hold === null ? null : received,
    now,
    now,
    planned.state === "pending" ? null : now,
  );
  if (planned.reason === "silence" && planned.cause !== null) {
    insertSilenced(database, planned.cause, alert);
  }
}

/**
 * Of a thread only the oldest, so that a message that waits for its next try holds back those behind
 * it; and what follows a first message waits until that is out, by itself or in a digest.
 */
const ITS_TURN = `
  (thread IS NULL OR NOT EXISTS (
    SELECT 1 FROM deliveries AS earlier INDEXED BY deliveries_thread
    WHERE earlier.destination = d.destination AND earlier.thread = d.thread
      AND earlier.state = 'pending' AND earlier.hold IS NULL AND earlier.id < d.id))
  AND (sequence = 0 OR NOT EXISTS (
    SELECT 1 FROM deliveries AS first
      LEFT JOIN deliveries AS carrier ON carrier.id = first.into_delivery
    WHERE first.alert = d.alert AND first.destination = d.destination
      AND first.sequence < d.sequence
      AND coalesce(carrier.state, first.state) = 'pending'))`;

/** Pending deliveries that are due and whose turn it is, the longest due first. */
export function listDue(
  database: Database,
  destination: string,
  now: number,
  limit: number,
): DeliveryRow[] {
  return database.all<DeliveryRow>(
    `SELECT id, alert, destination, kind, sequence, thread, digest, cause, attempts, created_at
     FROM deliveries AS d INDEXED BY deliveries_due
     WHERE destination = ? AND state = 'pending' AND hold IS NULL AND due_at <= ?
       AND ${ITS_TURN}
     ORDER BY due_at, id LIMIT ?`,
    destination,
    now,
    limit,
  );
}

/**
 * Deliveries of an alert as decisions look at them, in the order in which they were planned: what is
 * written back tells nobody of anything.
 */
export function listKnown(database: Database, alert: Position): KnownDelivery[] {
  return database.all<KnownDelivery>(
    `SELECT d.destination, d.route, d.kind, d.sequence, d.state, d.reason, d.hold,
       carrier.alert AS carrier
     FROM deliveries AS d LEFT JOIN deliveries AS carrier ON carrier.id = d.into_delivery
     WHERE d.alert = ?1 AND d.kind <> 'status' AND (d.kind = 'alert' OR d.hold IS NOT NULL OR d.sequence = (
       SELECT max(sequence) FROM deliveries WHERE alert = ?1 AND destination = d.destination
     )) ORDER BY d.id`,
    alert,
  );
}

/** Times at which pending deliveries fall due whose turn it is, the next ones first. */
export function listDueTimes(
  database: Database,
  destination: string,
  limit: number,
): { id: DeliveryId; due_at: number }[] {
  return database.all(
    `SELECT id, due_at FROM deliveries AS d INDEXED BY deliveries_due
     WHERE destination = ? AND state = 'pending' AND hold IS NULL AND ${ITS_TURN}
     ORDER BY due_at, id LIMIT ?`,
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

/** Where the alert is that a delivery is about; undefined when there is no such delivery. */
export function findAlertOf(database: Database, id: DeliveryId): Position | undefined {
  return database.get<{ alert: Position }>("SELECT alert FROM deliveries WHERE id = ?", id)?.alert;
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

/** What a delivered message is called at its peer. */
export function saveReference(database: Database, id: DeliveryId, reference: string): void {
  database.run("UPDATE deliveries SET reference = ? WHERE id = ?", reference, id);
}

/**
 * Puts a delivery back to pending, due now; attempts so far stay on record. One that is told by
 * another brings that one back instead: a digest is sent whole. False when nothing was done: it is
 * not there, pending already, or its digest is gone.
 */
export function requeueDelivery(
  database: Database,
  id: DeliveryId,
  reason: string,
  now: number,
): boolean {
  return (
    database.run(
      `UPDATE deliveries SET state = 'pending', hold = NULL, reason = ?1,
         cause = iif(digest IS NULL, NULL, cause), due_at = ?2, created_at = ?2, done_at = NULL
       WHERE id = (SELECT iif(state = 'folded', into_delivery, id) FROM deliveries WHERE id = ?3)
         AND state NOT IN ('pending', 'folded')`,
      reason,
      now,
      id,
    ).changes > 0
  );
}
