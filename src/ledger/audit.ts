/**
 * The audit: proof that every item that was received is accounted for.
 *
 * The chain it checks, link by link: a receipt's items = accepted + duplicates + quarantined; those
 * that were accepted or put aside are entries; every entry up to the cursor has its one outcome; an
 * outcome that speaks of an alert has it, and an alert counts the repeats that are recorded of it;
 * every destination that an alert was routed to has its delivery in one state; what is called delivered
 * was; what is held has a timer that lets it go, and what was folded is told by another; a case counts
 * the alerts that name it. Everything else is in flight, and counted.
 *
 * It holds for a server at work, because of the order in which the two files are looked at. Each is
 * read as it stood at one moment, the *store first*: the entries that its cursor has passed were in
 * the stream before, so the later view of the stream shows them. What was appended or decided in
 * between lies behind the cursor of the earlier view and counts as in flight, which it was. The
 * other way round, a decision could be seen whose entry is not.
 *
 * Retention removes an entry from the stream before its outcome from the store and counts it in the
 * receipt (`pruned`). An outcome without an entry is therefore history and no gap; an entry without
 * an outcome is one. Repeats may go before their alert, alerts before their case and the carrier of a
 * digest before what was folded into it: what is missing where rows are gone from both files is no gap.
 */
import { fail, messageOf, TocsinError } from "../errors.ts";
import { Database } from "../sqlite/database.ts";
import { getCursor } from "../store/sqlite/meta.ts";
import type { AuditReport } from "./audit-schema.ts";
import { DISORDER_MS, endsOf, firstFrom } from "./bisect.ts";
import type { AuditWindow } from "./audit-check.ts";
import { findGaps } from "./audit-gaps.ts";
import {
  balanceDestinations,
  balanceSources,
  countInFlight,
  countRouting,
  NO_OUTCOMES,
  sumOf,
} from "./audit-tables.ts";
import { openFiles, type LedgerPaths } from "./files.ts";
import { toTime, toTimeOrNull } from "./time.ts";

export { auditSchema, type AuditReport } from "./audit-schema.ts";

export interface AuditOptions {
  /** Epoch milliseconds: only what was received from then on; null for all there is. */
  readonly since: number | null;
  /** Epoch milliseconds; ages count from here. */
  readonly now: number;
}

/**
 * Audits a data folder, beside a running server or without one. Holds the thread, for seconds when
 * there are millions of alerts; a server calls `auditInThread`. Throws DATA_MISSING, DATA_NEWER,
 * DATA_INVALID, and STORAGE_FAILED when the files cannot be read.
 */
export function auditData(paths: LedgerPaths, options: AuditOptions): AuditReport {
  // Opened and closed for its checks: both files are there and have the schema this code reads.
  const files = openFiles(paths);
  files.stream.close();
  try {
    return auditFiles(files.store, paths.stream, options);
  } catch (cause) {
    if (cause instanceof TocsinError) throw cause;
    throw fail("STORAGE_FAILED", {
      component: "audit",
      message: `the data could not be checked: ${messageOf(cause)}`,
      hint: "Try again; if it stays so, the files may be damaged: check them with sqlite3 and 'PRAGMA integrity_check'.",
      cause,
    });
  } finally {
    files.store.close();
  }
}

function auditFiles(database: Database, stream: string, options: AuditOptions): AuditReport {
  // A read-only connection attaches read-only.
  database.run("ATTACH ? AS stream", stream);
  database.exec("BEGIN");
  // A file's view is fixed by the first read of it: the store's here, the stream's after.
  const cursor = getCursor(database);
  const newest = readNewest(database);
  const report = readReport(database, windowOf(database, options.since, cursor), newest, options);
  database.exec("COMMIT");
  return report;
}

function windowOf(database: Database, since: number | null, cursor: number): AuditWindow {
  const ends = since === null ? null : endsOf(database, "events");
  if (since === null || !ends) return { since: since ?? 0, low: 0, cursor };
  const low = firstFrom(database, "events", since - DISORDER_MS, ends);
  return { since, low, cursor };
}

function readNewest(database: Database): number {
  const sql = "SELECT last FROM stream.sequences WHERE name = 'position'";
  return database.get<{ last: number }>(sql)?.last ?? 0;
}

function readReport(
  database: Database,
  window: AuditWindow,
  newest: number,
  { since, now }: AuditOptions,
): AuditReport {
  const { total, gaps } = findGaps(database, window);
  const sources = balanceSources(database, window, now);
  return {
    balanced: total === 0,
    window: { since: toTimeOrNull(since), until: toTime(now) },
    decided_to: window.cursor,
    newest,
    received: sumOf(
      sources.map(({ received }) => received),
      { items: 0, accepted: 0, duplicates: 0, quarantined: 0, empty_receipts: 0 },
    ),
    outcomes: sumOf(
      sources.map(({ outcomes }) => outcomes),
      NO_OUTCOMES,
    ),
    alerts: countRouting(database, window),
    sources,
    destinations: balanceDestinations(database, window, now),
    in_flight: countInFlight(database, window.cursor, now),
    gap_count: total,
    gaps: [...gaps],
  };
}
