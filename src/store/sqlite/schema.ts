/**
 * Schema of `store.db`. Append-only: a change is a new element.
 *
 * Keys are positions in the stream: an alert has the position of the event that opened it, so hot
 * tables grow at their end. Public ids are computed from positions (`alert/id.ts`). What is due is
 * an index over pending deliveries alone. Artifact values live once, found by their hash, because
 * they may be long and come again.
 */
export const STORE_MIGRATIONS = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    digest BLOB,
    source TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT,
    alert INTEGER,
    resolved_at INTEGER,
    resolution TEXT
  ) STRICT;
  CREATE UNIQUE INDEX events_digest ON events (digest) WHERE digest IS NOT NULL;
  CREATE INDEX events_quarantined ON events (position) WHERE outcome = 'quarantined' AND resolved_at IS NULL;
  CREATE INDEX events_of_alert ON events (alert) WHERE outcome IN ('updated', 'duplicate');
  CREATE TABLE alerts (
    position INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    status TEXT NOT NULL,
    routing TEXT NOT NULL,
    document TEXT NOT NULL,
    trace TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alerts_unrouted ON alerts (position) WHERE routing = 'unrouted';
  CREATE TABLE artifact_values (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    value TEXT NOT NULL
  ) STRICT;
  CREATE TABLE alert_artifacts (
    alert INTEGER NOT NULL,
    artifact INTEGER NOT NULL,
    role TEXT NOT NULL,
    field TEXT NOT NULL,
    flag TEXT,
    PRIMARY KEY (alert, artifact, role)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    alert INTEGER NOT NULL,
    destination TEXT NOT NULL,
    route TEXT NOT NULL,
    thread TEXT,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    done_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX deliveries_alert ON deliveries (alert, destination);
  CREATE INDEX deliveries_due ON deliveries (destination, due_at, id) WHERE state = 'pending';
  CREATE INDEX deliveries_thread ON deliveries (destination, thread, id)
    WHERE state = 'pending' AND thread IS NOT NULL;
  CREATE INDEX deliveries_dead ON deliveries (destination, id) WHERE state = 'dead';
  CREATE TABLE attempts (
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    status INTEGER,
    duration INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (delivery, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE memories (
    destination TEXT NOT NULL,
    thread TEXT NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (destination, thread)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE decision_state (
    stage TEXT NOT NULL,
    key TEXT NOT NULL,
    alert INTEGER,
    value TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (stage, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX decision_state_alert ON decision_state (alert) WHERE alert IS NOT NULL;
  CREATE TABLE notices (
    key TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    settled_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    sources TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
] as const;
