/**
 * Changes that people make to deliveries and quarantine; those to alerts, cases and silences stand in
 * `alert-changes.ts`, `case-changes.ts` and `silence-changes.ts`. Each commits on its own, so they can
 * be called on the worker thread, or by a command on the file itself while no server runs.
 */
import type { Database } from "../../sqlite/database.ts";
import type { Selection } from "../selection.ts";
import type { DeliveryId } from "../store.ts";
import { insertAction } from "./actions.ts";
import { changeState } from "./change-state.ts";
import { requeueDelivery } from "./deliveries.ts";

export type { Selection } from "../selection.ts";

/** Deliveries one transaction puts back; between transactions others may write. */
const BATCH = 500;

/**
 * Puts deliveries back to pending, due now, and answers how many. Their keys stay the same, so a
 * destination that recognises keys shows no double; `give_up_after` counts anew. For one that was
 * told in a digest, the digest goes out again. Ids that are not there, pending or held are passed
 * over. `who` asks for it.
 */
export function requeueDeliveries(
  database: Database,
  selection: Selection,
  who: string,
  now: number,
): number {
  const ids = "ids" in selection ? [...new Set(selection.ids)] : listIds(database, selection);
  let requeued = 0;
  for (let start = 0; start < ids.length; start += BATCH) {
    const batch = ids.slice(start, start + BATCH);
    requeued += changeState(database, () => requeueBatch(database, batch, who, now));
  }
  return requeued;
}

function requeueBatch(
  database: Database,
  batch: readonly number[],
  who: string,
  now: number,
): number {
  const ids = batch.filter((id) => requeueDelivery(database, id as DeliveryId, "replayed", now));
  const action = { at: now, who, kind: "delivery.replayed", target: "", detail: { ids } };
  if (ids.length > 0) insertAction(database, action);
  return ids.length;
}

function listIds(
  database: Database,
  { state, destination, since, until }: Exclude<Selection, { ids: readonly number[] }>,
): number[] {
  return database
    .all<{ id: number }>(
      `SELECT id FROM deliveries
       WHERE state = ?1 AND (?2 IS NULL OR destination = ?2)
         AND (?3 IS NULL OR done_at >= ?3) AND (?4 IS NULL OR done_at < ?4) ORDER BY id`,
      state,
      destination ?? null,
      since ?? null,
      until ?? null,
    )
    .map(({ id }) => id);
}

/**
 * Marks an item of the quarantine as dealt with (`replayed`, `dismissed`); its bytes stay until
 * retention takes them. Answers false when there is none at the position, or it is resolved.
 */
export function resolveQuarantine(
  database: Database,
  position: number,
  resolution: string,
  now: number,
): boolean {
  const { changes } = database.run(
    `UPDATE events SET resolved_at = ?, resolution = ?
     WHERE position = ? AND outcome = 'quarantined' AND resolved_at IS NULL`,
    now,
    resolution,
    position,
  );
  return changes > 0;
}
