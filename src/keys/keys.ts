/** Making, verifying and ending API keys over `store.db`. */
import { timingSafeEqual } from "node:crypto";
import { fail } from "../errors.ts";
import type { Database } from "../sqlite/database.ts";
import {
  findKeyRow,
  insertKeyRow,
  listKeyRows,
  revokeKeyRow,
  touchKeyRow,
  type KeyRow,
} from "../store/sqlite/keys.ts";
import {
  newKeySchema,
  type CreatedKey,
  type Key,
  type KeyRecord,
  type NewKey,
  type Scope,
} from "./key.ts";
import { drawKey, formatKey, hashSecret, parseKey, type Random } from "./text.ts";

/** What a presented key came to. The caller answers all refusals alike; the reason is for the log. */
export type Verification =
  | { readonly ok: true; readonly key: Key }
  | {
      readonly ok: false;
      readonly reason: "malformed" | "unknown" | "wrong_secret" | "expired" | "revoked";
    };

/** Compared with when there is no such key, so that both cases take the same time. */
const NO_HASH = new Uint8Array(32);

/**
 * Makes a key and answers its text, which cannot be had again. Throws REQUEST_INVALID when the
 * wish makes no sense.
 * @param random `crypto.randomBytes`
 * @param now epoch milliseconds
 */
export function createKey(
  database: Database,
  wish: NewKey,
  random: Random,
  now: number,
): CreatedKey {
  const { name, sources, expiresAt, ...rest } = readWish(wish);
  const scopes = [...new Set(rest.scopes)];
  const text = drawKey(random);
  insertKeyRow(database, {
    id: text.id,
    name,
    hash: hashSecret(text.secret),
    scopes: JSON.stringify(scopes),
    sources: JSON.stringify(sources),
    created_at: now,
    expires_at: expiresAt,
  });
  const expires_at = toTime(expiresAt);
  return { id: text.id, name, scopes, sources, expires_at, key: formatKey(text) };
}

function readWish(wish: NewKey) {
  const read = newKeySchema.safeParse(wish);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw fail("REQUEST_INVALID", {
    component: "keys",
    message: `${issue?.path.join(".") ?? "key"}: ${issue?.message ?? "invalid"}`,
    hint: "A key has a name, one or more of the scopes ingest, read, write, admin, and may be bound to sources.",
  });
}

/**
 * Whose key is this? One read by primary key over a read-only connection and one comparison in
 * constant time; far under a millisecond.
 * @param now epoch milliseconds
 */
export function verifyKey(database: Database, presented: string, now: number): Verification {
  const text = parseKey(presented);
  if (!text) return { ok: false, reason: "malformed" };
  const row = findKeyRow(database, text.id);
  const matches = timingSafeEqual(hashSecret(text.secret), row?.hash ?? NO_HASH);
  if (!row) return { ok: false, reason: "unknown" };
  if (!matches) return { ok: false, reason: "wrong_secret" };
  if (row.revoked_at !== null) return { ok: false, reason: "revoked" };
  if (row.expires_at !== null && row.expires_at <= now) return { ok: false, reason: "expired" };
  return { ok: true, key: toKey(row) };
}

/** All keys, the newest first, ended ones too. */
export function listKeys(database: Database): KeyRecord[] {
  return listKeyRows(database).map((row) => ({
    ...toKey(row),
    created_at: new Date(row.created_at).toISOString(),
    expires_at: toTime(row.expires_at),
    used_at: toTime(row.used_at),
    revoked_at: toTime(row.revoked_at),
  }));
}

/** Ends a key at once; answers false when there is no such key or it has ended before. */
export function revokeKey(database: Database, id: string, now: number): boolean {
  return revokeKeyRow(database, id, now);
}

/** Writes down the last use (epoch milliseconds) of many keys at once; never once per request. */
export function touchKeys(database: Database, uses: ReadonlyMap<string, number>): void {
  if (uses.size === 0) return;
  database.transaction(() => {
    for (const [id, usedAt] of uses) touchKeyRow(database, id, usedAt);
  });
}

function toKey(row: KeyRow) {
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as Scope[],
    sources: JSON.parse(row.sources) as string[],
  };
}

function toTime(epoch: number | null): string | null {
  return epoch === null ? null : new Date(epoch).toISOString();
}
