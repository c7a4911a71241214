/** API keys: one statement a function. The secret of a key is never here, only its hash. */
import type { Database } from "../../sqlite/database.ts";

export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly hash: Uint8Array;
  /** JSON arrays of texts. */
  readonly scopes: string;
  readonly sources: string;
  /** Epoch milliseconds, as all times here. */
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly used_at: number | null;
  readonly revoked_at: number | null;
}

/** Adds a key. Throws when the id is taken. */
export function insertKeyRow(
  database: Database,
  row: Omit<KeyRow, "used_at" | "revoked_at">,
): void {
  database.run(
    `INSERT INTO keys (id, name, hash, scopes, sources, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.name,
    row.hash,
    row.scopes,
    row.sources,
    row.created_at,
    row.expires_at,
  );
}

/** One key by its id: one read by primary key. */
export function findKeyRow(database: Database, id: string): KeyRow | undefined {
  return database.get<KeyRow>("SELECT * FROM keys WHERE id = ?", id);
}

/** All keys, the newest first. */
export function listKeyRows(database: Database): KeyRow[] {
  return database.all<KeyRow>("SELECT * FROM keys ORDER BY created_at DESC, id");
}

/** Ends a key; answers whether there was one to end. */
export function revokeKeyRow(database: Database, id: string, now: number): boolean {
  const { changes } = database.run(
    "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
    now,
    id,
  );
  return changes > 0;
}

/** Notes when a key was last used; an earlier time changes nothing. */
export function touchKeyRow(database: Database, id: string, usedAt: number): void {
  database.run(
    "UPDATE keys SET used_at = ?1 WHERE id = ?2 AND (used_at IS NULL OR used_at < ?1)",
    usedAt,
    id,
  );
}
