/**
 * Which destinations hear of the status that people give an alert, and planning to tell them. Their
 * names are a value of the store, so that a command beside the server plans what the server would.
 */
import type { Position } from "../../pipeline/entry.ts";
import { planStatusUpdates } from "../../pipeline/pace/status.ts";
import type { Database } from "../../sqlite/database.ts";
import { insertDelivery, listKnown } from "./deliveries.ts";
import { deleteMeta, getMeta, setMeta } from "./meta.ts";

const META = "status_updates";

/** Stores who hears of status, for all changes by hand from now on. Decisions do not depend on it. */
export function saveStatusListeners(database: Database, destinations: readonly string[]): void {
  if (destinations.length === 0) deleteMeta(database, META);
  else setMeta(database, META, JSON.stringify(destinations));
}

/**
 * Plans to tell of an alert's status where the alert is known already; does nothing when nobody is to
 * hear of it. Part of the transaction that changes the status; `now` is epoch milliseconds.
 */
export function planStatusUpdatesByHand(database: Database, position: Position, now: number): void {
  const listeners = getMeta(database, META);
  if (listeners === undefined) return;
  const names = new Set(JSON.parse(listeners) as string[]);
  const deliveries = listKnown(database, position);
  for (const planned of planStatusUpdates({ position, deliveries }, (name) => names.has(name))) {
    insertDelivery(database, position, planned, { now, received: now });
  }
}
