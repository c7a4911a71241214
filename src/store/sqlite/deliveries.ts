/** The outbox: deliveries and their attempts. */
import type { Position } from "../../pipeline/entry.ts";
import type { DeliveryKind, DeliveryReason, PlannedDelivery } from "../../pipeline/outcome.ts";
import type { KnownDelivery } from "../../pipeline/state.ts";
import type { Database } from "../../sqlite/database.ts";
import type { Attempt, DeliveryId, Outage } from "../store.ts";
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
  readonly due_at: number;
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
 * it; and what follows other messages about an alert waits until these are out, by themselves or in a
 * digest. Reminders and updates that are held let others pass: their time may be hours away.
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
      AND first.sequence < d.sequence AND (first.hold IS NULL OR first.kind = 'alert')
      AND coalesce(carrier.state, first.state) = 'pending'))`;

const ROW =
  "id, alert, destination, kind, sequence, thread, digest, cause, attempts, created_at, due_at";

/** Pending deliveries that fell due from a time up to now and whose turn it is, the longest due first. */
export function listDue(
  database: Database,
  destination: string,
  { from, now }: { readonly from: number; readonly now: number },
  limit: number,
): DeliveryRow[] {
  return database.all<DeliveryRow>(
    `SELECT ${ROW} FROM deliveries AS d INDEXED BY deliveries_due
     WHERE destination = ? AND state = 'pending' AND hold IS NULL AND due_at >= ? AND due_at <= ?
       AND ${ITS_TURN}
     ORDER BY due_at, id LIMIT ?`,
    destination,
    from,
    now,
    limit,
  );
}

/** The oldest pending delivery of a thread, if it is due and its turn. */
export function findDueOfThread(
  database: Database,
  destination: string,
  thread: string,
  now: number,
): DeliveryRow | undefined {
  return database.get<DeliveryRow>(
    `SELECT ${ROW} FROM deliveries AS d WHERE id = (
       SELECT id FROM deliveries INDEXED BY deliveries_thread
       WHERE destination = ? AND thread = ? AND state = 'pending' AND hold IS NULL
       ORDER BY id LIMIT 1)
       AND due_at <= ? AND ${ITS_TURN}`,
    destination,
    thread,
    now,
  );
}

/** The next message about an alert, if it is due and its turn. */
export function findDueOfAlert(
  database: Database,
  destination: string,
  alert: Position,
  now: number,
): DeliveryRow | undefined {
  return database.get<DeliveryRow>(
    `SELECT ${ROW} FROM deliveries AS d INDEXED BY deliveries_alert
     WHERE destination = ? AND alert = ? AND state = 'pending' AND hold IS NULL AND due_at <= ?
       AND ${ITS_TURN}
     ORDER BY sequence LIMIT 1`,
    destination,
    alert,
    now,
  );
}

/**
 * Deliveries of an alert as decisions look at them, in the order in which they were planned: what is
 * written back tells nobody of anything, and what was folded into a digest that is dead is as dead.
 */
export function listKnown(database: Database, alert: Position): KnownDelivery[] {
  return database.all<KnownDelivery>(
    `SELECT d.destination, d.route, d.kind, d.sequence, d.reason, d.hold,
       iif(carrier.state = 'dead', 'dead', d.state) AS state,
       iif(carrier.id IS NULL, d.thread, carrier.thread) AS thread, carrier.alert AS carrier
     FROM deliveries AS d LEFT JOIN deliveries AS carrier ON carrier.id = d.into_delivery
     WHERE d.alert = ?1 AND d.kind <> 'status' AND (d.kind = 'alert' OR d.hold IS NOT NULL OR d.sequence = (
       SELECT max(sequence) FROM deliveries WHERE alert = ?1 AND destination = d.destination
     )) ORDER BY d.id`,
    alert,
  );
}

/** Times from one on at which pending deliveries fall due whose turn it is, the next ones first. */
export function listDueTimes(
  database: Database,
  destination: string,
  from: number,
  limit: number,
): { id: DeliveryId; due_at: number }[] {
  return database.all(
    `SELECT id, due_at FROM deliveries AS d INDEXED BY deliveries_due
     WHERE destination = ? AND state = 'pending' AND hold IS NULL AND due_at >= ? AND ${ITS_TURN}
     ORDER BY due_at, id LIMIT ?`,
    destination,
    from,
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

/**
 * Makes what failed in an outage alone due as when it was created: at `now` at the latest, for the clock
 * may have been set back. What was replayed was created then, and what it failed before is forgiven.
 */
export function resumeDue(
  database: Database,
  destination: string,
  { since, until }: Outage,
  now: number,
): void {
  database.run(
    `UPDATE deliveries INDEXED BY deliveries_due SET due_at = min(created_at, ?4)
     WHERE destination = ?1 AND state = 'pending' AND hold IS NULL AND attempts > 0
       AND due_at > min(created_at, ?4) AND NOT EXISTS (
         SELECT 1 FROM attempts
         WHERE delivery = deliveries.id AND at >= deliveries.created_at AND (at < ?2 OR at >= ?3))`,
    destination,
    since,
    until,
    now,
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
