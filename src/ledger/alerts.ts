/** Lists alerts, with filters and KQL. */
import { z } from "zod";
import { alertSchema, STATUSES, type Artifact } from "../alert/schema.ts";
import { severityId, type Severity } from "../alert/severity.ts";
import { kqlPredicate, type KqlPredicate } from "../kql/index.ts";
import type { Position } from "../pipeline/entry.ts";
import { listArtifacts, parseAlert } from "../store/sqlite/alerts.ts";
import { DISORDER_MS, endsOf, firstFrom } from "./bisect.ts";
import { queriedRecord, readDocument } from "./documents.ts";
import { requireCaseNumber } from "./cases.ts";
import type { LedgerFiles } from "./files.ts";
import { listSchema, type List, type Page } from "./page.ts";
import { scan } from "./scan.ts";

export const ROUTINGS = ["routed", "unrouted"] as const;

export const listedAlertSchema = alertSchema
  .extend({ routing: z.enum(ROUTINGS).describe("`unrouted`: no route took it.") })
  .meta({ id: "Alert" });
export type ListedAlert = z.infer<typeof listedAlertSchema>;
export const alertListSchema = listSchema("AlertList", listedAlertSchema);

/** Which alerts are wanted; all conditions must hold. */
export interface AlertQuery extends Page {
  /** KQL. */
  readonly q?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly status?: (typeof STATUSES)[number] | undefined;
  /** Number of a case (`CASE-000012` or `12`). */
  readonly case?: string | undefined;
  /** Name of the source. */
  readonly source?: string | undefined;
  readonly routing?: (typeof ROUTINGS)[number] | undefined;
  /** Epoch milliseconds: received at or after, and before. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Only alerts behind this position of the stream: what a follower has seen. */
  readonly after?: number | undefined;
}

interface Row {
  readonly position: Position;
  readonly received_at: number;
  readonly severity: number;
  readonly status: string;
  readonly routing: ListedAlert["routing"];
  readonly document: string;
}

const WINDOW = 50;
/** The index finds the few alerts of a case wherever they are. */
const CASE_WINDOW = 100_000;
/** About a second of work, in slices; what takes longer goes on with the cursor. */
const BOUND = 20_000;

/**
 * A page of alerts. Throws KQL_INVALID or REQUEST_INVALID, and NOT_FOUND for a case that is not
 * there. `now` is for date math in the query.
 */
export async function listAlerts(
  files: LedgerFiles,
  query: AlertQuery,
  now: number,
): Promise<List<ListedAlert>> {
  const predicate = query.q === undefined ? null : kqlPredicate(query.q);
  const inCase = query.case === undefined ? null : requireCaseNumber(files, query.case);
  return scan<Row, ListedAlert>({
    list: "alerts",
    page: query,
    range: rangeOf(files, query),
    window: inCase === null ? WINDOW : CASE_WINDOW,
    bound: BOUND,
    read: (low, high) =>
      inCase === null
        ? readRows(files, query, low, high)
        : readRowsOfCase(files, inCase, low, high),
    keyOf: (row) => row.position,
    pick: (row) => pickAlert(files, row, query, predicate, now),
  });
}

const COLUMNS = "position, received_at, severity, status, routing, document";

function readRows(files: LedgerFiles, query: AlertQuery, low: number, high: number): Row[] {
  // A condition in words of the index lets the engine skip what is routed without reading it.
  const only = query.routing === "unrouted" ? "AND routing = 'unrouted'" : "";
  return files.store.all<Row>(
    `SELECT ${COLUMNS} FROM alerts WHERE position BETWEEN ? AND ? ${only} ORDER BY position`,
    low,
    high,
  );
}

function readRowsOfCase(files: LedgerFiles, number: number, low: number, high: number): Row[] {
  return files.store.all<Row>(
    `SELECT ${COLUMNS} FROM alerts INDEXED BY alerts_case
     WHERE case_number = ? AND position BETWEEN ? AND ? ORDER BY position`,
    number,
    low,
    high,
  );
}

function pickAlert(
  files: LedgerFiles,
  row: Row,
  query: AlertQuery,
  predicate: KqlPredicate | null,
  now: number,
): ListedAlert | undefined {
  if (!fitsColumns(row, query)) return undefined;
  const alert = toListedAlert(files, row);
  if (query.source !== undefined && alert.source.name !== query.source) return undefined;
  if (predicate) {
    const record = queriedRecord(alert, () => readDocument(files, row.position));
    if (!predicate(record, now)) return undefined;
  }
  // A copy has the artifacts themselves, so it outlives the ledger.
  return { ...alert };
}

function fitsColumns(row: Row, query: AlertQuery): boolean {
  if (query.severity !== undefined && row.severity !== severityId(query.severity)) return false;
  if (query.status !== undefined && row.status !== query.status) return false;
  if (query.routing !== undefined && row.routing !== query.routing) return false;
  if (query.since !== undefined && row.received_at < query.since) return false;
  return query.until === undefined || row.received_at < query.until;
}

/** Artifacts stand in tables of their own, and are read when somebody first looks at them. */
function toListedAlert(files: LedgerFiles, row: Row): ListedAlert {
  const alert = { ...parseAlert(row.document), artifacts: [], routing: row.routing };
  let artifacts: Artifact[] | undefined;
  return Object.defineProperty(alert, "artifacts", {
    enumerable: true,
    get: () => (artifacts ??= listArtifacts(files.store, row.position)),
  });
}

/** Positions between which the wanted alerts are. */
function rangeOf({ store }: LedgerFiles, { since, until, after }: AlertQuery) {
  const ends = endsOf(store, "alerts");
  if (!ends) return null;
  const from = since === undefined ? 0 : firstFrom(store, "alerts", since - DISORDER_MS, ends);
  const high =
    until === undefined ? ends.high : firstFrom(store, "alerts", until + DISORDER_MS, ends);
  return { low: Math.max(ends.low, from, (after ?? 0) + 1), high };
}
