/**
 * The ledger: everything that a data folder knows, for reading. It works beside a running server
 * and without one, and can change nothing.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { KeyRecord } from "../keys/key.ts";
import { listKeys } from "../keys/keys.ts";
import type { LogEntry } from "../pipeline/entry.ts";
import { getAlert, type AlertDetail } from "./alert.ts";
import { listAlerts, type AlertQuery, type ListedAlert } from "./alerts.ts";
import {
  getDelivery,
  listDeliveries,
  type DeliveryDetail,
  type DeliveryQuery,
  type DeliveryRecord,
} from "./deliveries.ts";
import { getEvent, type EventRecord } from "./events.ts";
import { openFiles, type LedgerPaths } from "./files.ts";
import type { List } from "./page.ts";
import {
  getQuarantined,
  getQuarantinedEntry,
  listQuarantine,
  type Quarantined,
  type QuarantinedDetail,
  type QuarantineQuery,
} from "./quarantine.ts";
import { readStats, type Stats } from "./stats.ts";

/**
 * Lists come newest first and by pages. What is asked for by name and is not there is NOT_FOUND.
 * No call holds the thread for more than some milliseconds.
 */
export interface Ledger {
  listAlerts(query: AlertQuery): Promise<List<ListedAlert>>;
  /** By id or number. */
  getAlert(name: string): Promise<AlertDetail>;
  listDeliveries(query: DeliveryQuery): Promise<List<DeliveryRecord>>;
  getDelivery(id: number): Promise<DeliveryDetail>;
  listQuarantine(query: QuarantineQuery): Promise<List<Quarantined>>;
  getQuarantined(id: string): Promise<QuarantinedDetail>;
  /** The entry behind an item of the quarantine, for replaying it. */
  getQuarantinedEntry(id: string): Promise<LogEntry>;
  getEvent(id: string): Promise<EventRecord>;
  listKeys(): Promise<List<KeyRecord>>;
  stats(): Promise<Stats>;
  close(): void;
}

/**
 * Opens the ledger of a data folder. Throws DATA_MISSING when there is none, DATA_NEWER or
 * DATA_INVALID when another version of Tocsin wrote it.
 * @param now epoch milliseconds; what date math in queries and ages count from
 */
export function openLedger(paths: LedgerPaths, now: () => number = Date.now): Ledger {
  const files = openFiles(paths);
  const count = { upTo: 0, alerts: 0 };
  return {
    listAlerts: async (query) => listAlerts(files, query, now()),
    getAlert: async (name) => getAlert(files, name),
    listDeliveries: async (query) => listDeliveries(files, query),
    getDelivery: async (id) => getDelivery(files, id),
    listQuarantine: async (query) => listQuarantine(files, query),
    getQuarantined: async (id) => getQuarantined(files, id),
    getQuarantinedEntry: async (id) => getQuarantinedEntry(files, id),
    getEvent: async (id) => getEvent(files, id),
    listKeys: async () => ({ items: listKeys(files.store), next: null }),
    stats: async () => readStats(files, count, now(), nextTurn),
    close() {
      files.stream.close();
      files.store.close();
    },
  };
}
