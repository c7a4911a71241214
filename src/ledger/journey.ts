/** Follows one event by its key, while it is on its way. */
import { digestOf } from "../sqlite/digest.ts";
import { listDeliveriesOf } from "./deliveries.ts";
import type { DeliveryDetail } from "./delivery-schema.ts";
import { findEvent, type EventRecord } from "./events.ts";
import { openFiles, type LedgerFiles, type LedgerPaths } from "./files.ts";

/** How far an event has come. */
export interface Journey {
  readonly event: EventRecord;
  /** Of the alert that it opened, the oldest first; none before it is decided, or when it opened none. */
  readonly deliveries: readonly DeliveryDetail[];
}

export interface Journeys {
  /** The journey of the event with this key; undefined while it is not stored. */
  find(key: string): Journey | undefined;
  close(): void;
}

/** Opens the data folder for following. Throws DATA_MISSING, DATA_NEWER or DATA_INVALID. */
export function openJourneys(paths: LedgerPaths): Journeys {
  const files = openFiles(paths);
  return {
    find: (key) => findJourney(files, key),
    close() {
      files.stream.close();
      files.store.close();
    },
  };
}

function findJourney(files: LedgerFiles, key: string): Journey | undefined {
  const seen = files.stream.get<{ position: number }>(
    "SELECT position FROM seen WHERE digest = ?",
    digestOf(key),
  );
  const event = seen && findEvent(files, seen.position);
  if (!event) return undefined;
  // An alert has the position of the event that opened it.
  const opened = event.outcome === "alert" ? listDeliveriesOf(files, event.position) : [];
  return { event, deliveries: opened.toReversed() };
}
