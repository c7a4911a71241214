/** Finds a time in a table that is kept by position, without an index over times. */
import type { Database } from "../sqlite/database.ts";

/**
 * The log is in the order of arrival to within seconds; clocks that are set back are the exception.
 * This much more is looked at on both sides of a span of time.
 */
export const DISORDER_MS = 3_600_000;

/** Tables that have a position and a time: two of the store, one of the stream. */
type Table = "alerts" | "events" | "entries";

/** First and last position of a table; null when it is empty. */
export function endsOf(store: Database, table: Table): { low: number; high: number } | null {
  const ends = store.get<{ low: number | null; high: number | null }>(
    `SELECT (SELECT min(position) FROM ${table}) AS low, (SELECT max(position) FROM ${table}) AS high`,
  );
  return ends && ends.low !== null && ends.high !== null
    ? { low: ends.low, high: ends.high }
    : null;
}

/**
 * By bisection, the first position from `low` to `high` whose row was received at or after a time
 * (epoch milliseconds); `high` when there is none.
 */
export function firstFrom(
  store: Database,
  table: Table,
  time: number,
  { low, high }: { readonly low: number; readonly high: number },
): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (receivedAt(store, table, middle) < time) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** When the first row at or behind a position was received. */
function receivedAt(store: Database, table: Table, position: number): number {
  const row = store.get<{ received_at: number }>(
    `SELECT received_at FROM ${table} WHERE position >= ? ORDER BY position LIMIT 1`,
    position,
  );
  return row?.received_at ?? Number.POSITIVE_INFINITY;
}
