/**
 * The ledger: everything that a data folder knows, for reading. It works beside a running server
 * and without one, and can change nothing.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { KeyRecord } from "../keys/key.ts";
import { listKeys } from "../keys/keys.ts";
import type { LogEntry } from "../pipeline/entry.ts";
import { compileStopValues, type StopValues } from "../case/stop-values.ts";
import type { Case } from "../case/case.ts";
import { getAlert, type AlertDetail } from "./alert.ts";
import { listAlerts, type AlertQuery, type ListedAlert } from "./alerts.ts";
import { getCase, type CaseDetail } from "./case.ts";
import { listCases, type CaseQuery } from "./cases.ts";
import {
  getDelivery,
  listDeliveries,
  type DeliveryDetail,
  type DeliveryQuery,
  type DeliveryRecord,
} from "./deliveries.ts";
import { getEvent, type EventRecord } from "./events.ts";
import { explain, type Explanation } from "./explain.ts";
import { readExplained } from "./explanation.ts";
import { openFiles, type LedgerPaths } from "./files.ts";
import type { PolicyKind } from "../store/policy.ts";
import type { List } from "./page.ts";
import { getPolicy, listPolicies, type Policy } from "./policies.ts";
import {
  getQuarantined,
  getQuarantinedEntry,
  listQuarantine,
  type Quarantined,
  type QuarantinedDetail,
  type QuarantineQuery,
} from "./quarantine.ts";
import {
  getSilence,
  listSilences,
  type ListedSilence,
  type SilenceDetail,
  type SilenceQuery,
} from "./silences.ts";
import { readStats, type Stats } from "./stats.ts";

/**
 * Lists come newest first and by pages. What is asked for by name and is not there is NOT_FOUND.
 * No call holds the thread for more than some milliseconds.
 */
export interface Ledger {
  listAlerts(query: AlertQuery): Promise<List<ListedAlert>>;
  /** By id or number. */
  getAlert(name: string): Promise<AlertDetail>;
  listCases(query: CaseQuery): Promise<List<Case>>;
  /** By number. */
  getCase(name: string): Promise<CaseDetail>;
  listSilences(query: SilenceQuery): Promise<List<ListedSilence>>;
  /** By id. */
  getSilence(name: string): Promise<SilenceDetail>;
  /** Policies and routes, of the file and made by hand, in the order in which they are asked. */
  listPolicies(): Promise<List<Policy>>;
  getPolicy(kind: PolicyKind, name: string): Promise<Policy>;
  listDeliveries(query: DeliveryQuery): Promise<List<DeliveryRecord>>;
  getDelivery(id: number): Promise<DeliveryDetail>;
  listQuarantine(query: QuarantineQuery): Promise<List<Quarantined>>;
  getQuarantined(id: string): Promise<QuarantinedDetail>;
  /** The entry behind an item of the quarantine, for replaying it. */
  getQuarantinedEntry(id: string): Promise<LogEntry>;
  getEvent(id: string): Promise<EventRecord>;
  /** Of an alert by number or id, or of an event by id. */
  explain(name: string): Promise<Explanation>;
  listKeys(): Promise<List<KeyRecord>>;
  stats(): Promise<Stats>;
  close(): void;
}

/**
 * Opens the ledger of a data folder. Throws DATA_MISSING when there is none, DATA_NEWER or
 * DATA_INVALID when another version of Tocsin wrote it.
 * @param now epoch milliseconds; what date math in queries and ages count from
 * @param isStopValue what relates no cases; the built-in values unless told
 */
export function openLedger(
  paths: LedgerPaths,
  now: () => number = Date.now,
  isStopValue: StopValues = compileStopValues(),
): Ledger {
  const files = openFiles(paths);
  const count = { upTo: 0, alerts: 0 };
  return {
    listAlerts: async (query) => listAlerts(files, query, now()),
    getAlert: async (name) => getAlert(files, name),
    listCases: async (query) => listCases(files, query, now()),
    getCase: async (name) => getCase(files, name, isStopValue),
    listSilences: async (query) => listSilences(files, query, now()),
    getSilence: async (name) => getSilence(files, name, now()),
    listPolicies: async () => ({ items: listPolicies(files), next: null }),
    getPolicy: async (kind, name) => getPolicy(files, kind, name),
    listDeliveries: async (query) => listDeliveries(files, query),
    getDelivery: async (id) => getDelivery(files, id),
    listQuarantine: async (query) => listQuarantine(files, query),
    getQuarantined: async (id) => getQuarantined(files, id),
    getQuarantinedEntry: async (id) => getQuarantinedEntry(files, id),
    getEvent: async (id) => getEvent(files, id),
    explain: async (name) => explain(readExplained(files, name), now()),
    listKeys: async () => ({ items: listKeys(files.store), next: null }),
    stats: async () => readStats(files, count, now(), nextTurn),
    close() {
      files.stream.close();
      files.store.close();
    },
  };
}
