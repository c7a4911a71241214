/** The statements that put a receipt into the log. All run inside the caller's transaction. */
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { digestOf } from "../../sqlite/digest.ts";
import type { AppendedEntry, NewEntry, NewReceipt } from "../stream.ts";

interface Seen {
  readonly position: Position;
  readonly first_at: number;
}

/** The numbers of a transaction: read at its beginning, written at its end. */
export interface Sequences {
  receipt: number;
  position: number;
}

/** The last numbers given. Only true while the transaction holds the file. */
export function readSequences(database: Database): Sequences {
  const last = (name: string) =>
    database.get<{ last: number }>("SELECT last FROM sequences WHERE name = ?", name)?.last ?? 0;
  return { receipt: last("receipt"), position: last("position") };
}

/** Notes the last numbers given. */
export function writeSequences(database: Database, { receipt, position }: Sequences): void {
  const write = (name: string, last: number) =>
    database.run("UPDATE sequences SET last = ? WHERE name = ?", last, name);
  write("receipt", receipt);
  write("position", position);
}

/** Adds one entry, or counts it when its key is known. */
export function appendEntry(
  database: Database,
  receipt: NewReceipt,
  sequences: Sequences,
  entry: NewEntry,
): AppendedEntry {
  const digest = digestOf(entry.key);
  const seen = findSeen(database, digest);
  const isRepeat = seen && seen.position !== entry.replaces;
  if (isRepeat && !isOutsideWindow(entry, seen, receipt.received_at)) {
    countRepeat(database, digest);
    return { position: seen.position, key: entry.key, received_at: seen.first_at, duplicate: true };
  }
  // A hash that comes again after its window is another event, so it needs another key.
  const key = isRepeat ? `${entry.key}@${receipt.received_at}` : entry.key;
  const position = insertEntry(database, receipt, sequences, { ...entry, key }, digest);
  rememberKey(database, digest, position, receipt.received_at);
  return { position, key, received_at: receipt.received_at, duplicate: false };
}

function isOutsideWindow(entry: NewEntry, seen: Seen, now: number): boolean {
  return entry.window !== null && Math.abs(now - seen.first_at) > entry.window;
}

function findSeen(database: Database, digest: Uint8Array): Seen | undefined {
  return database.get<Seen>("SELECT position, first_at FROM seen WHERE digest = ?", digest);
}

function countRepeat(database: Database, digest: Uint8Array): void {
  database.run("UPDATE seen SET times = times + 1 WHERE digest = ?", digest);
}

function rememberKey(database: Database, digest: Uint8Array, position: number, at: number): void {
  database.run(
    `INSERT INTO seen (digest, position, first_at, times) VALUES (?, ?, ?, 1)
     ON CONFLICT (digest) DO UPDATE
     SET position = excluded.position, first_at = excluded.first_at, times = times + 1`,
    digest,
    position,
    at,
  );
}

function insertEntry(
  database: Database,
  receipt: NewReceipt,
  sequences: Sequences,
  entry: NewEntry,
  digest: Uint8Array,
): Position {
  const position = (sequences.position += 1);
  database.run(
    `INSERT INTO entries
       (position, receipt, source, kind, stream, key, digest, received_at, repaired, reason, detail, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    position,
    sequences.receipt,
    receipt.source,
    receipt.kind,
    entry.stream,
    entry.key,
    digest,
    receipt.received_at,
    entry.repaired.length === 0 ? null : JSON.stringify(entry.repaired),
    entry.quarantine?.reason ?? null,
    entry.quarantine?.detail ?? null,
    entry.body,
  );
  return position as Position;
}

/** What the entries of a receipt came to. */
export interface ReceiptCounts {
  accepted: number;
  duplicates: number;
  quarantined: number;
}

/** Writes the receipt's row, once its entries are in. */
export function insertReceipt(
  database: Database,
  receipt: NewReceipt,
  id: number,
  counts: ReceiptCounts,
): void {
  database.run(
    `INSERT INTO receipts
       (id, source, kind, received_at, via, items, accepted, duplicates, quarantined, empty, headers, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    receipt.source,
    receipt.kind,
    receipt.received_at,
    receipt.via,
    receipt.entries.length,
    counts.accepted,
    counts.duplicates,
    counts.quarantined,
    receipt.empty,
    receipt.original ? JSON.stringify(receipt.original.headers) : null,
    receipt.original ? receipt.original.body : null,
  );
}
