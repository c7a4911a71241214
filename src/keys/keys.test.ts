import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Database } from "../sqlite/database.ts";
import { migrate } from "../sqlite/migrate.ts";
import { STORE_MIGRATIONS } from "../store/sqlite/schema.ts";
import { allows, type Key } from "./key.ts";
import { createKey, listKeys, revokeKey, touchKeys, verifyKey } from "./keys.ts";

const NOW = Date.parse("2026-03-01T08:00:00Z");
let folder: string;
let database: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-keys-"));
  database = new Database(join(folder, "store.db"));
  migrate(database, STORE_MIGRATIONS);
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const make = (wish = {}) =>
  createKey(database, { name: "sensor", scopes: ["ingest"], ...wish }, randomBytes, NOW);

test("a key that was made is verified, with its scopes and sources", () => {
  const { key, id } = make({ sources: ["kibana"] });
  expect(key).toMatch(/^tcs_[0-9a-z]{12}_[A-Za-z0-9_-]{43}$/);
  expect(verifyKey(database, key, NOW)).toEqual({
    ok: true,
    key: { id, name: "sensor", scopes: ["ingest"], sources: ["kibana"] },
  });
});

test("a secret with underscores in it is taken apart at the second underscore", () => {
  const underscores = (size: number) => new Uint8Array(size).fill(0xff);
  const { key } = createKey(database, { name: "n", scopes: ["read"] }, underscores, NOW);
  expect(key.split("_").length).toBeGreaterThan(3);
  expect(verifyKey(database, key, NOW).ok).toBe(true);
});

test("the secret is nowhere in the file", () => {
  const { key } = make();
  const secret = key.slice("tcs_".length + 13);
  const row = database.get<Record<string, unknown>>("SELECT * FROM keys");
  const stored = Object.values(row ?? {}).map((value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value),
  );
  expect(stored.join("\n")).not.toContain(secret);
});

test.each([
  ["malformed", () => "tcs_short"],
  ["malformed", () => ""],
  ["unknown", () => `tcs_zzzzzzzzzzzz_${"a".repeat(43)}`],
  ["wrong_secret", (key: string) => key.slice(0, 17) + "a".repeat(43)],
])("what is not the key is refused as %s", (reason, presented) => {
  expect(verifyKey(database, presented(make().key), NOW)).toEqual({ ok: false, reason });
});

test("a secret whose bytes are right but whose text differs is refused", () => {
  const { key } = createKey(
    database,
    { name: "n", scopes: ["read"] },
    (size) => new Uint8Array(size),
    NOW,
  );
  expect(key.endsWith("A")).toBe(true);
  // The last character has two bits that decoding throws away.
  expect(verifyKey(database, `${key.slice(0, -1)}B`, NOW)).toEqual({
    ok: false,
    reason: "wrong_secret",
  });
});

test("a key ends when it expires", () => {
  const { key } = make({ expiresAt: NOW + 1000 });
  expect(verifyKey(database, key, NOW + 999).ok).toBe(true);
  expect(verifyKey(database, key, NOW + 1000)).toEqual({ ok: false, reason: "expired" });
});

test("a key ends when it is revoked, once", () => {
  const { key, id } = make();
  expect(revokeKey(database, id, NOW + 5)).toBe(true);
  expect(revokeKey(database, id, NOW + 6)).toBe(false);
  expect(verifyKey(database, key, NOW)).toEqual({ ok: false, reason: "revoked" });
  expect(listKeys(database)[0]?.revoked_at).toBe(new Date(NOW + 5).toISOString());
});

test("the last use only moves forward", () => {
  const { id } = make();
  touchKeys(database, new Map([[id, NOW + 10]]));
  touchKeys(database, new Map([[id, NOW + 5]]));
  expect(listKeys(database)[0]?.used_at).toBe(new Date(NOW + 10).toISOString());
});

test.each([
  [{ scopes: [] }],
  [{ name: " " }],
  [{ scopes: ["read" as const], sources: ["kibana"] }],
  [{ scopes: ["ingest" as const, "admin" as const], sources: ["kibana"] }],
])("a wish that makes no sense is refused: %j", (wish) => {
  expect(() => make(wish)).toThrow(expect.objectContaining({ code: "REQUEST_INVALID" }));
});

test("a thousand verifications take far less than a second", () => {
  const { key } = make();
  const begun = performance.now();
  for (let index = 0; index < 1000; index += 1) verifyKey(database, key, NOW);
  expect((performance.now() - begun) / 1000).toBeLessThan(1);
});

test.each<[string, Partial<Key>, Parameters<typeof allows>[1], string | undefined, boolean]>([
  ["ingest to any source", { scopes: ["ingest"] }, "ingest", "kibana", true],
  ["ingest to its source", { scopes: ["ingest"], sources: ["a"] }, "ingest", "a", true],
  ["not to another", { scopes: ["ingest"], sources: ["a"] }, "ingest", "b", false],
  ["not to none", { scopes: ["ingest"], sources: ["a"] }, "ingest", undefined, false],
  ["ingest is not read", { scopes: ["ingest"] }, "read", undefined, false],
  ["write is not read", { scopes: ["write"] }, "read", undefined, false],
  ["admin reads", { scopes: ["admin"] }, "read", undefined, true],
  ["admin sends", { scopes: ["admin"] }, "ingest", "b", true],
])("%s", (_, key, scope, source, expected) => {
  expect(allows({ id: "i", name: "n", scopes: [], sources: [], ...key }, scope, source)).toBe(
    expected,
  );
});
