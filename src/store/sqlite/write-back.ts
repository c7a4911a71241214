/**
 * Which clusters are told what people make of alerts, and planning to tell them. The targets are a
 * value of the store, so that a command beside the server plans what the server would.
 */
import type { Alert } from "../../alert/schema.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { insertDelivery } from "./deliveries.ts";
import { deleteMeta, getMeta, setMeta } from "./meta.ts";

const META = "write_back";
/** The `route` of its deliveries, and what their destinations begin with; no destination can be called so. */
const ROUTE = "write-back";
/** An alert with such a key is known to Kibana, whichever way it came. */
const KIBANA_KEY = "kibana.alert.uuid:";

/**
 * Clusters by the names of the sources whose alerts they are told of; null for a source of whose alerts
 * nobody is to be told, although somebody is of others.
 */
export type WriteBackTargets = ReadonlyMap<string, string | null>;

/** The destination of what is written back to a cluster. */
export function writeBackTo(cluster: string): string {
  return `${ROUTE}:${cluster}`;
}

/**
 * Stores which sources write back, for all changes from now on; none without a cluster. Decisions do
 * not depend on it.
 */
export function saveWriteBackTargets(database: Database, targets: WriteBackTargets): void {
  if (clustersOf(targets).size === 0) deleteMeta(database, META);
  else setMeta(database, META, JSON.stringify(Object.fromEntries(targets)));
}

function readTargets(database: Database): WriteBackTargets {
  const text = getMeta(database, META);
  return new Map(Object.entries(text === undefined ? {} : (JSON.parse(text) as object)));
}

function clustersOf(targets: WriteBackTargets): ReadonlySet<string> {
  return new Set([...targets.values()].filter((cluster) => cluster !== null));
}

/**
 * The cluster that an alert's status is written back to; null for none. It is what the source says that
 * tells of it; an alert of Kibana from one that says nothing goes to the only cluster there is.
 */
function targetOf({ source, key }: Alert, targets: WriteBackTargets): string | null {
  const own = targets.get(source.name);
  if (own !== undefined) return own;
  const [only = null, ...others] = clustersOf(targets);
  return key.startsWith(KIBANA_KEY) && others.length === 0 ? only : null;
}

/**
 * Plans to write an alert's status back, behind what is to be written of it already; does nothing when
 * nobody is to be told. Part of the transaction that changes the status; `now` is epoch milliseconds.
 */
export function planWriteBack(
  database: Database,
  position: Position,
  alert: Alert,
  now: number,
): void {
  const cluster = targetOf(alert, readTargets(database));
  if (cluster === null) return;
  const destination = writeBackTo(cluster);
  const planned = {
    destination,
    route: ROUTE,
    kind: "status",
    sequence: nextSequence(database, position, destination),
    thread: alert.id,
    state: "pending",
    reason: "status_changed",
    hold: null,
    cause: null,
  } as const;
  insertDelivery(database, position, planned, { now, received: now });
}

function nextSequence(database: Database, alert: Position, destination: string): number {
  const row = database.get<{ next: number }>(
    `SELECT coalesce(max(sequence) + 1, 0) AS next FROM deliveries
     WHERE alert = ? AND destination = ?`,
    alert,
    destination,
  );
  return row?.next ?? 0;
}
