/**
 * Changes that people make. Each commits on its own, so they can be called on the worker thread, or
 * by a command on the file itself while no server runs.
 */
import type { Database } from "../../sqlite/database.ts";
import type { Selection } from "../selection.ts";
import type { DeliveryId } from "../store.ts";
import { requeueDelivery } from "./deliveries.ts";

export type { Selection } from "../selection.ts";

/** Deliveries one transaction puts back; between transactions others may write. */
const BATCH = 500;

/**
 * Puts deliveries back to pending, due now, and answers how many. Their keys stay the same, so a
 * destination that recognises keys shows no double; `give_up_after` counts anew. Ids that are not
 * there or pending already are passed over.
 */
export function requeueDeliveries(database: Database, selection: Selection, now: number): number {
  const ids = "ids" in selection ? [...new Set(selection.ids)] : listIds(database, selection);
  let requeued = 0;
  for (let start = 0; start < ids.length; start += BATCH) {
    database.transaction(() => {
      for (const id of ids.slice(start, start + BATCH)) {
        if (requeueDelivery(database, id as DeliveryId, "replayed", now)) requeued += 1;
      }
    });
  }
  return requeued;
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
