/** Deliveries that tell of several alerts, and messages that were sent before. */
import type { Position } from "../../pipeline/entry.ts";
import type { DeliveryReason } from "../../pipeline/outcome.ts";
import type { Database } from "../../sqlite/database.ts";
import type { DeliveryId } from "../store.ts";

/** A delivery with others folded into it. */
export interface CarrierRow {
  readonly id: DeliveryId;
  readonly alert: Position;
  readonly digest: DeliveryReason;
  readonly cause: string | null;
}

/** How many alerts other than the carrier's own are folded into it. */
export function countFolded(database: Database, { id, alert }: CarrierRow): number {
  const row = database.get<{ found: number }>(
    `SELECT count(DISTINCT alert) AS found FROM deliveries INDEXED BY deliveries_into
     WHERE into_delivery = ? AND alert <> ?`,
    id,
    alert,
  );
  return row?.found ?? 0;
}

/** The first of them, the oldest first. */
export function listFolded(
  database: Database,
  { id, alert }: CarrierRow,
  limit: number,
): Position[] {
  return database
    .all<{ alert: Position }>(
      `SELECT DISTINCT alert FROM deliveries INDEXED BY deliveries_into
       WHERE into_delivery = ? AND alert <> ? ORDER BY alert LIMIT ?`,
      id,
      alert,
      limit,
    )
    .map((row) => row.alert);
}

/**
 * The digest that told first of an alert at a destination; undefined when it was told of alone. What
 * was muted when it came may have been told of later.
 */
export function findDigestOf(
  database: Database,
  alert: Position,
  destination: string,
): CarrierRow | undefined {
  return database.get<CarrierRow>(
    `SELECT carrier.id, carrier.alert, carrier.digest, carrier.cause
     FROM deliveries AS first
       JOIN deliveries AS carrier ON carrier.id = coalesce(first.into_delivery, first.id)
     WHERE first.alert = ?1 AND first.destination = ?2 AND carrier.digest IS NOT NULL
       AND first.sequence = (SELECT max(sequence) FROM deliveries
         WHERE alert = ?1 AND destination = ?2 AND kind = 'alert')`,
    alert,
    destination,
  );
}

/** What the newest message about an alert at a destination that is no reminder is called there. */
export function findReference(
  database: Database,
  alert: Position,
  destination: string,
): string | null {
  const row = database.get<{ reference: string }>(
    `SELECT message.reference
     FROM deliveries AS told
       JOIN deliveries AS message ON message.id = coalesce(told.into_delivery, told.id)
     WHERE told.alert = ? AND told.destination = ? AND told.kind <> 'reminder'
       AND message.state = 'delivered' AND message.reference IS NOT NULL
     ORDER BY told.sequence DESC LIMIT 1`,
    alert,
    destination,
  );
  return row?.reference ?? null;
}
