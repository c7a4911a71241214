/** The first links of the chain: from receipts to entries, and from entries to outcomes. */
import { named, select, type Check } from "./audit-check.ts";

/** Every item of a receipt was taken, known already, or put aside. */
const receiptsBalance: Check = (database, { since }) =>
  select<{ id: number; items: number; sum: number }>(
    database,
    "receipt_unbalanced",
    `SELECT id, items, accepted + duplicates + quarantined AS sum FROM stream.receipts
     WHERE received_at >= ? AND items <> accepted + duplicates + quarantined`,
    [since],
    (row) => ({
      id: String(row.id),
      position: null,
      detail: `the receipt had ${row.items} items and accounts for ${row.sum}`,
    }),
  );

/** What a receipt counted as taken or put aside is in the stream, or was pruned and counted so. */
const receiptsHaveEntries: Check = (database, { since, low }) =>
  select<{ id: number; counted: number; held: number }>(
    database,
    "receipt_entries",
    `SELECT id, accepted + quarantined - pruned AS counted, coalesce(held, 0) AS held
     FROM stream.receipts LEFT JOIN (
       SELECT receipt, count(*) AS held, sum(reason IS NOT NULL) AS aside
       FROM stream.entries WHERE position >= ?2 AND received_at >= ?1 GROUP BY receipt) ON receipt = id
     WHERE received_at >= ?1 AND (accepted + quarantined - pruned <> coalesce(held, 0)
       OR (pruned = 0 AND quarantined <> coalesce(aside, 0)))`,
    [since, low],
    (row) => ({
      id: String(row.id),
      position: null,
      detail: `the receipt counts ${row.counted} entries, and the stream has ${row.held} of it`,
    }),
  );

const entriesHaveReceipt: Check = (database, { since, low }) =>
  select<{ position: number; receipt: number }>(
    database,
    "entry_without_receipt",
    `SELECT position, receipt FROM stream.entries AS e
     WHERE position >= ? AND received_at >= ?
       AND NOT EXISTS (SELECT 1 FROM stream.receipts AS r WHERE r.id = e.receipt)`,
    [low, since],
    (row) => ({ ...named(database, row), detail: `its receipt ${row.receipt} is not there` }),
  );

/** Every entry that the cursor has passed has its outcome. The key of the table sees to "one". */
const entriesHaveOutcome: Check = (database, { since, low, cursor }) =>
  select<{ position: number; source: string }>(
    database,
    "entry_without_outcome",
    `SELECT position, source FROM stream.entries AS e
     WHERE position BETWEEN ? AND ? AND received_at >= ?
       AND NOT EXISTS (SELECT 1 FROM main.events AS v WHERE v.position = e.position)`,
    [low, cursor, since],
    (row) => ({
      ...named(database, row),
      detail: `an entry from ${row.source} was passed over without an outcome`,
    }),
  );

/** The stream never gives a position twice, so it cannot be behind what was decided of it. */
const streamIsAhead: Check = (database, { cursor }) =>
  select<{ newest: number }>(
    database,
    "stream_behind_store",
    `SELECT newest FROM (SELECT coalesce(max(last), 0) AS newest
       FROM stream.sequences WHERE name = 'position') WHERE newest < ?`,
    [cursor],
    ({ newest }) => ({
      id: "",
      position: newest,
      detail: `the store has decided up to ${cursor}, and the stream ends at ${newest}: one of the files is not of this folder or was restored from an older copy`,
    }),
  );

export const STREAM_CHECKS: readonly Check[] = [
  receiptsBalance,
  receiptsHaveEntries,
  entriesHaveReceipt,
  entriesHaveOutcome,
  streamIsAhead,
];
