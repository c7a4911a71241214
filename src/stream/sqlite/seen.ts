/** Which keys the log has seen, and the entries that have them. Keys stand there as digests. */
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { digestOf } from "../../sqlite/digest.ts";

/** The entry that has a key. */
export interface Seen {
  readonly position: Position;
  readonly first_at: number;
}

export function findSeen(database: Database, digest: Uint8Array): Seen | undefined {
  return database.get<Seen>("SELECT position, first_at FROM seen WHERE digest = ?", digest);
}

export function countRepeat(database: Database, digest: Uint8Array): void {
  database.run("UPDATE seen SET times = times + 1 WHERE digest = ?", digest);
}

/** From now on the entry at this position has the key, whichever had it before. */
export function rememberKey(
  database: Database,
  digest: Uint8Array,
  position: number,
  at: number,
): void {
  database.run(
    `INSERT INTO seen (digest, position, first_at, times) VALUES (?, ?, ?, 1)
     ON CONFLICT (digest) DO UPDATE
     SET position = excluded.position, first_at = excluded.first_at, times = times + 1`,
    digest,
    position,
    at,
  );
}

/** Frees a key, unless another entry has it by now. */
export function forgetKey(database: Database, digest: Uint8Array, position: number): void {
  database.run("DELETE FROM seen WHERE digest = ? AND position = ?", digest, position);
}

/** Those of the keys that were seen. */
export function knownAmong(database: Database, keys: readonly string[]): string[] {
  return keys.filter((key) => database.get("SELECT 1 FROM seen WHERE digest = ?", digestOf(key)));
}
