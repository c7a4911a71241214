/** The statements that put a receipt into the log. All run inside the caller's transaction. */
import { versionedKey } from "../../alert/key.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { digestOf } from "../../sqlite/digest.ts";
import type { AppendedEntry, NewEntry, NewReceipt } from "../stream.ts";
import { countRepeat, findSeen, rememberKey, type Seen } from "./seen.ts";

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
  if (!seen || seen.position === entry.replaces) {
    return addEntry(database, receipt, sequences, entry, digest);
  }
  if (typeof entry.version === "string") {
    const key = versionedKey(entry.key, entry.version);
    return appendEntry(database, receipt, sequences, { ...entry, key, version: null });
  }
  if (isOutsideWindow(entry, seen, receipt.received_at)) {
    // A hash that comes again after its window is another event, so it needs another key.
    const key = `${entry.key}@${receipt.received_at}`;
    return addEntry(database, receipt, sequences, { ...entry, key }, digest);
  }
  countRepeat(database, digest);
  const key = keyAt(database, seen.position) ?? entry.key;
  return { position: seen.position, key, received_at: seen.first_at, duplicate: true };
}

/** The key of an entry itself, which a version or a window may have made another than it came with. */
function keyAt(database: Database, position: Position): string | undefined {
  const sql = "SELECT key FROM entries WHERE position = ?";
  return database.get<{ key: string }>(sql, position)?.key;
}

function isOutsideWindow(entry: NewEntry, seen: Seen, now: number): boolean {
  return entry.window !== null && Math.abs(now - seen.first_at) > entry.window;
}

/** Adds an entry which from now on has the key of this digest, and that of its version. */
function addEntry(
  database: Database,
  receipt: NewReceipt,
  sequences: Sequences,
  entry: NewEntry,
  digest: Uint8Array,
): AppendedEntry {
  const { key } = entry;
  const { received_at } = receipt;
  // Handed on apart: a copy of the entry would cost more than the version does.
  const version = entry.version ?? versionOfReplaced(database, entry);
  const position = insertEntry(database, receipt, sequences, entry, digest, version);
  rememberKey(database, digest, position, received_at);
  if (version !== null) {
    rememberKey(database, digestOf(versionedKey(key, version)), position, received_at);
  }
  return { position, key, received_at, duplicate: false };
}

/** A replay is the same state of the same thing: it takes over both keys. */
function versionOfReplaced(database: Database, { key, replaces }: NewEntry): string | null {
  if (replaces === undefined) return null;
  const sql = "SELECT version FROM entries WHERE position = ? AND key = ?";
  return database.get<{ version: string | null }>(sql, replaces, key)?.version ?? null;
}

function insertEntry(
  database: Database,
  receipt: NewReceipt,
  sequences: Sequences,
  entry: NewEntry,
  digest: Uint8Array,
  version: string | null,
): Position {
  const position = (sequences.position += 1);
  database.run(
    `INSERT INTO entries
       (position, receipt, source, kind, stream, key, digest, received_at, repaired, reason, detail, body,
        version)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    version,
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
