/**
 * Schema of `stream.db`. Append-only: a change is a new element.
 *
 * `entries` is the log. `seen` maps the digest of a key to the entry that has it; it stands apart
 * so that the log stays append-only. `receipts` counts what every request came to: that
 * `items = accepted + duplicates + quarantined` is what the audit checks, and that
 * `accepted + quarantined` entries are there or were pruned when their time was over.
 *
 * `cursors` says how far each source that is read has come. `entries.version` is the state in which
 * an entry came, where it had one beside its key: `seen` then has two rows for it.
 */
export const STREAM_MIGRATIONS = [
  `
  CREATE TABLE sequences (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO sequences (name, last) VALUES ('receipt', 0), ('position', 0);
  CREATE TABLE receipts (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    via TEXT NOT NULL,
    items INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    pruned INTEGER NOT NULL DEFAULT 0,
    empty TEXT,
    headers TEXT,
    body BLOB
  ) STRICT;
  CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    receipt INTEGER NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    stream TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    repaired TEXT,
    reason TEXT,
    detail TEXT,
    body BLOB
  ) STRICT;
  CREATE INDEX entries_quarantined ON entries (position) WHERE reason IS NOT NULL;
  CREATE TABLE seen (
    digest BLOB PRIMARY KEY,
    position INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    times INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE entries ADD COLUMN version TEXT;
  CREATE TABLE cursors (
    source TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    read_to INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
] as const;
