/** The audit's tables: what came, what became of it, where it went, and what is on its way. */
import type { Database } from "../sqlite/database.ts";
import type {
  AuditReport,
  DestinationBalance,
  OutcomeCounts,
  SourceBalance,
} from "./audit-schema.ts";
import type { AuditWindow } from "./audit-check.ts";
import { OUTCOMES } from "./events.ts";

/** Nothing decided. */
export const NO_OUTCOMES: Readonly<OutcomeCounts> = {
  alert: 0,
  updated: 0,
  repeat: 0,
  duplicate: 0,
  quarantined: 0,
};

/** What is received and decided, source by source. */
export function balanceSources(
  database: Database,
  window: AuditWindow,
  now: number,
): SourceBalance[] {
  const sources = new Map<string, SourceBalance>();
  const of = (name: string): SourceBalance => {
    const known = sources.get(name) ?? emptySource(name);
    sources.set(name, known);
    return known;
  };
  for (const { name, ...received } of countReceived(database, window.since)) {
    of(name).received = received;
  }
  for (const { name, outcome, found } of countOutcomes(database, window)) {
    of(name).outcomes[outcome] = found;
  }
  for (const { name, entries, oldest } of countUndecided(database, window.cursor)) {
    of(name).in_flight = { entries, oldest_age_ms: Math.max(0, now - oldest) };
  }
  return [...sources.values()].toSorted((one, other) => one.name.localeCompare(other.name));
}

function emptySource(name: string): SourceBalance {
  return {
    name,
    received: { items: 0, accepted: 0, duplicates: 0, quarantined: 0, empty_receipts: 0 },
    outcomes: { ...NO_OUTCOMES },
    in_flight: { entries: 0, oldest_age_ms: null },
  };
}

function countReceived(database: Database, since: number) {
  return database.all<SourceBalance["received"] & { name: string }>(
    `SELECT source AS name, sum(items) AS items, sum(accepted) AS accepted,
       sum(duplicates) AS duplicates, sum(quarantined) AS quarantined,
       sum(empty IS NOT NULL) AS empty_receipts
     FROM stream.receipts WHERE received_at >= ? GROUP BY source`,
    since,
  );
}

function countOutcomes(database: Database, { since, low }: AuditWindow) {
  return database.all<{ name: string; outcome: keyof OutcomeCounts; found: number }>(
    `SELECT source AS name, outcome, count(*) AS found FROM main.events
     WHERE position >= ? AND received_at >= ?
       AND outcome IN (${OUTCOMES.map((outcome) => `'${outcome}'`).join(", ")})
     GROUP BY source, outcome`,
    low,
    since,
  );
}

/** Entries behind the cursor, whenever they came: they are durable and wait to be decided. */
function countUndecided(database: Database, cursor: number) {
  return database.all<{ name: string; entries: number; oldest: number }>(
    `SELECT source AS name, count(*) AS entries, min(received_at) AS oldest
     FROM stream.entries WHERE position > ? GROUP BY source`,
    cursor,
  );
}

/** How the window's alerts were routed. */
export function countRouting(
  database: Database,
  { since, low }: AuditWindow,
): AuditReport["alerts"] {
  const row = database.get<AuditReport["alerts"]>(
    `SELECT coalesce(sum(routing = 'routed'), 0) AS routed,
       coalesce(sum(routing = 'unrouted'), 0) AS unrouted
     FROM main.alerts WHERE position >= ? AND received_at >= ?`,
    low,
    since,
  );
  return row ? { ...row } : { routed: 0, unrouted: 0 };
}

/** The states of the deliveries of the window's alerts, destination by destination. */
export function balanceDestinations(
  database: Database,
  { since, low }: AuditWindow,
  now: number,
): DestinationBalance[] {
  const rows = database.all<
    Omit<DestinationBalance, "oldest_pending_age_ms"> & { oldest: number | null }
  >(
    `SELECT d.destination AS name, sum(state = 'pending') AS pending,
       sum(state = 'pending' AND hold IS NOT NULL) AS held,
       sum(state = 'delivered') AS delivered, sum(state = 'dead') AS dead,
       sum(state = 'suppressed') AS suppressed, sum(state = 'folded') AS folded,
       min(CASE WHEN state = 'pending' THEN created_at END) AS oldest
     FROM main.deliveries AS d JOIN main.events AS v ON v.position = d.alert
     WHERE d.alert >= ? AND v.received_at >= ? GROUP BY d.destination ORDER BY d.destination`,
    low,
    since,
  );
  return rows.map(({ oldest, ...row }) => ({
    ...row,
    oldest_pending_age_ms: oldest === null ? null : Math.max(0, now - oldest),
  }));
}

/** Everything that is on its way: entries without a decision and deliveries without an end. */
export function countInFlight(
  database: Database,
  cursor: number,
  now: number,
): AuditReport["in_flight"] {
  const entries = database.get<{ found: number; oldest: number | null }>(
    `SELECT count(*) AS found, min(received_at) AS oldest
     FROM stream.entries WHERE position > ?`,
    cursor,
  );
  const deliveries = database.get<{ found: number; oldest: number | null }>(
    `SELECT count(*) AS found, min(created_at) AS oldest
     FROM main.deliveries WHERE state = 'pending'`,
  );
  const oldest = [entries?.oldest, deliveries?.oldest].filter((time) => typeof time === "number");
  return {
    entries: entries?.found ?? 0,
    deliveries: deliveries?.found ?? 0,
    oldest_age_ms: oldest.length === 0 ? null : Math.max(0, now - Math.min(...oldest)),
  };
}

/** The sum of a table's rows. */
export function sumOf<Counts extends Record<keyof Counts, number>>(
  rows: readonly Counts[],
  none: Counts,
): Counts {
  const names = Object.keys(none) as (keyof Counts)[];
  const sums = names.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)]);
  return Object.fromEntries(sums) as Counts;
}
