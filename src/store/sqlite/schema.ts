/**
 * Schema of `store.db`. Append-only: a change is a new element.
 *
 * Keys are positions in the stream: an alert has the position of the event that opened it, so hot
 * tables grow at their end. Public ids are computed from positions (`alert/id.ts`). What is due is
 * an index over pending deliveries alone, without those that are held. Artifact values live once,
 * found by their hash, because they may be long and come again.
 *
 * Of a delivery: `hold` names the cell whose timer decides about it, since `held_at`; `into_delivery`
 * is the carrier that tells of it; `digest` says of a carrier why it tells of several (`reason` changes
 * with every try); `reference` is what its message is called at the peer.
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
  // Meta rows are there from now on, so that one statement checks the version and moves the cursor.
  `
  INSERT OR IGNORE INTO meta VALUES ('cursor', '0'), ('state_version', '0'), ('silences_version', '0'),
    ('policies_version', '0');

  DROP INDEX events_of_alert;
  CREATE INDEX events_of_alert ON events (alert) WHERE outcome IN ('updated', 'duplicate', 'repeat');

  ALTER TABLE alerts ADD COLUMN closed_at INTEGER;
  ALTER TABLE alerts ADD COLUMN case_number INTEGER;
  CREATE INDEX alerts_case ON alerts (case_number) WHERE case_number IS NOT NULL;
  ALTER TABLE alert_artifacts ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;

  ALTER TABLE decision_state ADD COLUMN due_at INTEGER;
  CREATE INDEX decision_state_due ON decision_state (due_at, stage, key) WHERE due_at IS NOT NULL;
  CREATE INDEX decision_state_idle ON decision_state (at) WHERE alert IS NULL AND due_at IS NULL;

  ALTER TABLE deliveries ADD COLUMN kind TEXT NOT NULL DEFAULT 'alert';
  ALTER TABLE deliveries ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE deliveries ADD COLUMN hold TEXT;
  ALTER TABLE deliveries ADD COLUMN held_at INTEGER;
  ALTER TABLE deliveries ADD COLUMN cause TEXT;
  ALTER TABLE deliveries ADD COLUMN into_delivery INTEGER;
  ALTER TABLE deliveries ADD COLUMN digest TEXT;
  ALTER TABLE deliveries ADD COLUMN reference TEXT;
  DROP INDEX deliveries_alert;
  CREATE UNIQUE INDEX deliveries_alert ON deliveries (alert, destination, sequence);
  DROP INDEX deliveries_due;
  CREATE INDEX deliveries_due ON deliveries (destination, due_at, id)
    WHERE state = 'pending' AND hold IS NULL;
  DROP INDEX deliveries_thread;
  CREATE INDEX deliveries_thread ON deliveries (destination, thread, id)
    WHERE state = 'pending' AND hold IS NULL AND thread IS NOT NULL;
  CREATE INDEX deliveries_hold ON deliveries (hold, id) WHERE hold IS NOT NULL;
  CREATE INDEX deliveries_into ON deliveries (into_delivery, alert) WHERE into_delivery IS NOT NULL;
  CREATE INDEX memories_at ON memories (at);

  ALTER TABLE notices ADD COLUMN source TEXT NOT NULL DEFAULT 'tocsin';
  ALTER TABLE notices ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE cases (
    number INTEGER PRIMARY KEY,
    status TEXT NOT NULL,
    severity INTEGER NOT NULL,
    policy TEXT,
    opened_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX cases_status ON cases (status, number);
  CREATE INDEX cases_closed ON cases (updated_at) WHERE status = 'closed';
  CREATE TABLE case_timeline (
    case_number INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (case_number, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE silences (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    until INTEGER,
    ended_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE silenced (
    silence TEXT NOT NULL,
    alert INTEGER NOT NULL,
    PRIMARY KEY (silence, alert)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX silenced_alert ON silenced (alert);
  CREATE TABLE policies (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    position INTEGER NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE actions (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX actions_target ON actions (target, id);
  `,
] as const;
