/** Figures for the metrics: what waits, and what there is. */
import { z } from "zod";
import { getCursor } from "../store/sqlite/meta.ts";
import type { LedgerFiles } from "./files.ts";

export const statsSchema = z
  .object({
    backlog: z
      .object({
        entries: z.number().int(),
        oldest_age_ms: z.number().nullable(),
      })
      .describe("Entries of the stream that are not decided yet."),
    alerts: z.number().int().describe("Alerts opened, those that retention took meanwhile too."),
    unrouted: z.number().int().describe("Alerts that no route took."),
    quarantined: z.number().int().describe("Items of the quarantine that nobody resolved."),
    destinations: z.array(
      z.object({
        name: z.string(),
        pending: z.number().int().describe("Due; what waits for a timer is not counted."),
        oldest_pending_age_ms: z.number().nullable(),
        dead: z.number().int(),
      }),
    ),
  })
  .meta({ id: "Stats" });
export type Stats = z.infer<typeof statsSchema>;

/**
 * Alerts counted so far. The ledger of a long-running server counts only what is new, because no
 * index can count a table of millions within milliseconds.
 */
export interface AlertCount {
  upTo: number;
  alerts: number;
}

/** Events counted in one statement. */
const WINDOW = 20_000;

/** The figures at `now` (epoch milliseconds). Moves `count` forward. */
export async function readStats(
  files: LedgerFiles,
  count: AlertCount,
  now: number,
  nextTurn: () => Promise<unknown>,
): Promise<Stats> {
  const cursor = getCursor(files.store);
  while (count.upTo < cursor) {
    countWindow(files, count, Math.min(cursor, count.upTo + WINDOW));
    await nextTurn();
  }
  return {
    backlog: readBacklog(files, cursor, now),
    alerts: count.alerts,
    unrouted: countUnrouted(files),
    quarantined: countQuarantined(files),
    destinations: listDestinations(files, now),
  };
}

function countWindow({ store }: LedgerFiles, count: AlertCount, upTo: number): void {
  const row = store.get<{ found: number }>(
    `SELECT count(*) AS found FROM events
     WHERE position > ? AND position <= ? AND outcome = 'alert'`,
    count.upTo,
    upTo,
  );
  count.alerts += row?.found ?? 0;
  count.upTo = upTo;
}

function readBacklog({ stream }: LedgerFiles, cursor: number, now: number): Stats["backlog"] {
  const row = stream.get<{ newest: number | null; oldest: number | null }>(
    `SELECT (SELECT max(position) FROM entries) AS newest,
       (SELECT received_at FROM entries WHERE position > ? ORDER BY position LIMIT 1) AS oldest`,
    cursor,
  );
  return {
    entries: Math.max(0, (row?.newest ?? 0) - cursor),
    oldest_age_ms: ageOf(row?.oldest ?? null, now),
  };
}

function countUnrouted({ store }: LedgerFiles): number {
  const sql = "SELECT count(*) AS found FROM alerts WHERE routing = 'unrouted'";
  return store.get<{ found: number }>(sql)?.found ?? 0;
}

function countQuarantined({ store }: LedgerFiles): number {
  const sql =
    "SELECT count(*) AS found FROM events WHERE outcome = 'quarantined' AND resolved_at IS NULL";
  return store.get<{ found: number }>(sql)?.found ?? 0;
}

/** Counted over the indexes of what is due and what is dead; neither holds what was delivered. */
function listDestinations({ store }: LedgerFiles, now: number): Stats["destinations"] {
  const rows = store.all<{ name: string; pending: number; first: number | null; dead: number }>(
    `SELECT name, sum(pending) AS pending, min(first) AS first, sum(dead) AS dead FROM (
       SELECT destination AS name, count(*) AS pending, min(id) AS first, 0 AS dead
       FROM deliveries INDEXED BY deliveries_due
       WHERE state = 'pending' AND hold IS NULL GROUP BY destination
       UNION ALL
       SELECT destination, 0, NULL, count(*)
       FROM deliveries INDEXED BY deliveries_dead WHERE state = 'dead' GROUP BY destination)
     GROUP BY name ORDER BY name`,
  );
  return rows.map(({ first, ...row }) => ({
    ...row,
    oldest_pending_age_ms: first === null ? null : ageOf(createdAt(store, first), now),
  }));
}

function createdAt(store: LedgerFiles["store"], delivery: number): number | null {
  const sql = "SELECT created_at FROM deliveries WHERE id = ?";
  return store.get<{ created_at: number }>(sql, delivery)?.created_at ?? null;
}

function ageOf(time: number | null, now: number): number | null {
  return time === null ? null : Math.max(0, now - time);
}
