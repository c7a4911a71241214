/**
 * What a check of the audit is: SQL that finds what should not be. Checks run on the store's
 * connection with the stream attached to it as `stream`, inside one transaction.
 */
import { alertId } from "../alert/id.ts";
import type { Database, SqlValue } from "../sqlite/database.ts";
import type { Gap, GapKind } from "./audit-schema.ts";

/** What a check needs to know. */
export interface AuditWindow {
  /** Epoch milliseconds; only what was received from then on is checked. */
  readonly since: number;
  /** No entry received from then on has a position before this; spares looking at all others. */
  readonly low: number;
  /** Position up to which the store's snapshot has decided. */
  readonly cursor: number;
}

/** Gaps of a kind that are shown; all are counted. */
const SHOWN = 200;

export interface Found {
  readonly total: number;
  readonly gaps: readonly Gap[];
}

/** Finds the gaps of one kind. */
export type Check = (database: Database, window: AuditWindow) => Found;

/** Runs the SQL of a check over its values; all rows are counted, the first ones described. */
export function select<Row>(
  database: Database,
  kind: GapKind,
  sql: string,
  values: readonly SqlValue[],
  describe: (row: Row) => Omit<Gap, "kind">,
): Found {
  const rows = database.all<Row & { total: number }>(
    `SELECT *, count(*) OVER () AS total FROM (${sql}) LIMIT ${SHOWN}`,
    ...values,
  );
  return {
    total: rows[0]?.total ?? 0,
    gaps: rows.map((row) => ({ kind, ...describe(row) })),
  };
}

/** All of these rows are gaps; the first ones are described. */
export function foundIn<Row>(
  kind: GapKind,
  rows: readonly Row[],
  describe: (row: Row) => Omit<Gap, "kind">,
): Found {
  const gaps = rows.slice(0, SHOWN).map((row) => ({ kind, ...describe(row) }));
  return { total: rows.length, gaps };
}

/** The public id of an entry or alert, from the stream or, where that has let go, from the alert. */
export function named(database: Database, { position }: { readonly position: number }) {
  const entry = database.get<{ received_at: number; key: string }>(
    "SELECT received_at, key FROM stream.entries WHERE position = ?",
    position,
  );
  if (entry) return { id: alertId(entry.received_at, entry.key, position), position };
  const alert = database.get<{ id: string }>(
    "SELECT document ->> 'id' AS id FROM main.alerts WHERE position = ?",
    position,
  );
  return { id: alert?.id ?? "", position };
}
