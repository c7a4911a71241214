/** Deliveries that wait for a cell's timer, and what becomes of them. */
import type { DeliveryMove, HeldDelivery } from "../../pipeline/outcome.ts";
import type { Database } from "../../sqlite/database.ts";
import { insertSilencedDelivery } from "./silenced.ts";

/** Deliveries that wait for a cell, in the order of their ids. */
export function listHeld(database: Database, hold: string): HeldDelivery[] {
  return database.all<HeldDelivery>(
    `SELECT id, alert, destination, route, kind, sequence, thread, state, hold, held_at
     FROM deliveries WHERE hold = ? ORDER BY id`,
    hold,
  );
}

/**
 * Carries out what was decided about a held delivery. `at` is the log's time, `now` the clock's:
 * from the first on it may be held anew, from the second on it is due. Nothing happens to a delivery
 * that is not held.
 */
export function moveDelivery(
  database: Database,
  move: DeliveryMove,
  at: number,
  now: number,
): void {
  switch (move.to) {
    case "send":
      return sendHeld(database, move, now);
    case "fold":
      return foldHeld(database, move, now);
    case "hold":
      return holdAgain(database, move, at);
    case "suppress":
      return suppressHeld(database, move, at, now);
  }
}

type MoveTo<To extends DeliveryMove["to"]> = Extract<DeliveryMove, { to: To }>;

/** How long it waited does not count towards `give_up_after`. */
function sendHeld(database: Database, move: MoveTo<"send">, now: number): void {
  database.run(
    `UPDATE deliveries SET state = 'pending', hold = NULL, reason = ?1, cause = ?2, digest = ?3,
       due_at = ?4, created_at = ?4, done_at = NULL
     WHERE id = ?5 AND hold IS NOT NULL`,
    move.reason,
    move.cause,
    move.reason.endsWith("_digest") ? move.reason : null,
    now,
    move.id,
  );
}

function foldHeld(database: Database, move: MoveTo<"fold">, now: number): void {
  database.run(
    `UPDATE deliveries SET state = 'folded', hold = NULL, reason = ?, cause = NULL,
       into_delivery = ?, done_at = ?
     WHERE id = ? AND hold IS NOT NULL`,
    move.reason,
    move.into,
    now,
    move.id,
  );
}

function holdAgain(database: Database, move: MoveTo<"hold">, at: number): void {
  database.run(
    `UPDATE deliveries SET state = 'pending', hold = ?, held_at = ?, reason = ?, cause = ?,
       done_at = NULL
     WHERE id = ? AND hold IS NOT NULL`,
    move.hold,
    at,
    move.reason,
    move.cause,
    move.id,
  );
}

function suppressHeld(database: Database, move: MoveTo<"suppress">, at: number, now: number): void {
  const { changes } = database.run(
    `UPDATE deliveries SET state = 'suppressed', hold = ?, held_at = ?, reason = ?, cause = ?,
       done_at = ?
     WHERE id = ? AND hold IS NOT NULL`,
    move.hold,
    at,
    move.reason,
    move.cause,
    now,
    move.id,
  );
  if (changes > 0 && move.reason === "silence" && move.cause !== null) {
    insertSilencedDelivery(database, move.cause, move.id);
  }
}
