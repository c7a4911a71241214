/**
 * What may go, and making it go. Only what is terminal is ever touched: an event with its outcome,
 * whose alert has no pending delivery.
 *
 * Rows leave the stream first and the store after. A crash between the two leaves outcomes without
 * entries, which the audit knows how to read; the other way round it would see events without an
 * outcome, which is what a loss looks like.
 */
import type { Database } from "../../sqlite/database.ts";
import { changeState } from "./change-state.ts";

interface EventRow {
  readonly position: number;
  readonly received_at: number;
  readonly outcome: string;
  readonly alert: number | null;
  readonly resolved_at: number | null;
}

/** How many events one step looks at. */
const STEP = 200;

/** Events behind a position, the oldest first, as far as they are older than `before`. */
function listOld(database: Database, after: number, before: number): EventRow[] {
  const rows = database.all<EventRow>(
    `SELECT position, received_at, outcome, alert, resolved_at
     FROM events WHERE position > ? ORDER BY position LIMIT ${STEP}`,
    after,
  );
  const young = rows.findIndex((row) => row.received_at >= before);
  return young < 0 ? rows : rows.slice(0, young);
}

/** One step: what it looked at ends at `upTo`; null when there is nothing older. */
export interface RetentionStep {
  readonly upTo: number | null;
  readonly positions: readonly number[];
  /** It ends before an event that may not go yet. */
  readonly blocked: boolean;
}

/**
 * Events whose bytes may go, up to the first one whose deliveries are not done. Quarantine keeps its
 * bytes: they are all there is of it.
 */
export function selectBodies(database: Database, after: number, before: number): RetentionStep {
  const rows = listOld(database, after, before);
  const waiting = rows.findIndex((row) => !isTerminal(database, row));
  const done = waiting < 0 ? rows : rows.slice(0, waiting);
  const bodies = done.filter((row) => row.outcome !== "quarantined");
  return { ...step(done, bodies), blocked: waiting >= 0 };
}

/**
 * Events that may go altogether: what opened an alert goes with it and with all that followed, once
 * the newest of that is old enough too; what followed one that stays goes by itself.
 */
export function selectHistory(database: Database, after: number, before: number): RetentionStep {
  const rows = listOld(database, after, before);
  const done = rows.filter((row) => {
    if (row.outcome === "quarantined" || !isTerminal(database, row)) return false;
    return row.outcome !== "alert" || !isFollowedSince(database, row.position, before);
  });
  const followers = done
    .filter((row) => row.outcome === "alert")
    .flatMap((row) => listFollowers(database, row.position));
  return step(rows, [...done, ...followers]);
}

/** What was in quarantine for long enough. */
export function selectQuarantine(database: Database, after: number, before: number): RetentionStep {
  const rows = listOld(database, after, before);
  return step(
    rows,
    rows.filter((row) => row.outcome === "quarantined"),
  );
}

function step(looked: readonly EventRow[], chosen: readonly { position: number }[]): RetentionStep {
  const upTo = looked.at(-1)?.position ?? null;
  const positions = [...new Set(chosen.map(({ position }) => position))];
  return { upTo, positions, blocked: false };
}

/** Nothing of its alert waits to be sent: neither by itself, held or not, nor in a digest. */
function isTerminal(database: Database, { position, alert }: EventRow): boolean {
  const pending = database.get(
    `SELECT 1 FROM deliveries AS d LEFT JOIN deliveries AS carrier ON carrier.id = d.into_delivery
     WHERE d.alert = ? AND coalesce(carrier.state, d.state) = 'pending' LIMIT 1`,
    alert ?? position,
  );
  return pending === undefined;
}

function isFollowedSince(database: Database, alert: number, time: number): boolean {
  const newest = database.get<{ received_at: number }>(
    `SELECT received_at FROM events INDEXED BY events_of_alert
     WHERE alert = ? AND outcome IN ('updated', 'duplicate', 'repeat')
     ORDER BY position DESC LIMIT 1`,
    alert,
  );
  return newest !== undefined && newest.received_at >= time;
}

function listFollowers(database: Database, alert: number): { position: number }[] {
  return database.all(
    `SELECT position FROM events INDEXED BY events_of_alert
     WHERE alert = ? AND outcome IN ('updated', 'duplicate', 'repeat')`,
    alert,
  );
}

/** Removes events with all that hangs on them. The stream has let go of them before. */
export function deleteEvents(database: Database, positions: readonly number[]): void {
  if (positions.length === 0) return;
  changeState(database, () => {
    for (const position of positions) deleteEvent(database, position);
  });
}

function deleteEvent(database: Database, position: number): void {
  database.run(
    `UPDATE deliveries SET into_delivery = NULL
     WHERE into_delivery IN (SELECT id FROM deliveries WHERE alert = ?)`,
    position,
  );
  database.run(
    "DELETE FROM attempts WHERE delivery IN (SELECT id FROM deliveries WHERE alert = ?)",
    position,
  );
  database.run("DELETE FROM deliveries WHERE alert = ?", position);
  database.run("DELETE FROM alert_artifacts WHERE alert = ?", position);
  // What is held of another alert may wait for a timer that this one left.
  database.run(
    "UPDATE decision_state SET alert = NULL WHERE alert = ? AND due_at IS NOT NULL",
    position,
  );
  database.run("DELETE FROM decision_state WHERE alert = ?", position);
  database.run("DELETE FROM silenced WHERE alert = ?", position);
  database.run("DELETE FROM alerts WHERE position = ?", position);
  database.run("DELETE FROM events WHERE position = ?", position);
}

/**
 * Removes failed tries of deliveries that ended, from delivery ids behind `after`; answers the last
 * id looked at, or null. The try that ended a delivery stays with it.
 */
export function deleteAttempts(database: Database, after: number, before: number): number | null {
  const rows = database.all<{ id: number; done_at: number | null; created_at: number }>(
    `SELECT id, done_at, created_at FROM deliveries WHERE id > ? ORDER BY id LIMIT ${STEP}`,
    after,
  );
  const old = rows.filter((row) => row.created_at < before);
  database.transaction(() => {
    for (const { id, done_at } of old) {
      if (done_at === null) continue;
      database.run(
        "DELETE FROM attempts WHERE delivery = ? AND verdict = 'retry' AND at < ?",
        id,
        before,
      );
    }
  });
  return old.length < rows.length ? null : (old.at(-1)?.id ?? null);
}
