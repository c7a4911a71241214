import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { verifyKey } from "../keys/keys.ts";
import { Database } from "../sqlite/database.ts";
import { openBench, NOW, type Bench } from "./testing/run.ts";

let bench: Bench;
beforeEach(() => void (bench = openBench()));
afterEach(() => bench.dispose());

const DAY = 86_400_000;
const create = (...more: string[]) => bench.json("key", "create", "--name", "sensor", ...more);

function verify(key: string, now = NOW) {
  const database = new Database(join(bench.folder, "data", "store.db"));
  try {
    return verifyKey(database, key, now);
  } finally {
    database.close();
  }
}

test("a key can be made before the server ever ran, and is good", async () => {
  const made = await create("--scope", "ingest", "--source", "kibana", "--source", "splunk");
  expect(made).toMatchObject({ name: "sensor", scopes: ["ingest"], sources: ["kibana", "splunk"] });
  expect(verify(made.key)).toMatchObject({ ok: true, key: { id: made.id } });
});

test("the data folder is closed to others", async () => {
  await create("--scope", "read");
  expect(statSync(join(bench.folder, "data")).mode & 0o077).toBe(0);
});

test("scopes may be given one by one or with commas", async () => {
  expect((await create("--scope", "read", "--scope", "write,ingest")).scopes).toEqual([
    "read",
    "write",
    "ingest",
  ]);
});

test("a key expires when it is told to", async () => {
  const { key, expires_at } = await create("--scope", "read", "--expires", "90d");
  expect(expires_at).toBe(new Date(NOW + 90 * DAY).toISOString());
  expect(verify(key, NOW + 90 * DAY)).toEqual({ ok: false, reason: "expired" });
});

test("a list shows keys, what they may and whether they still do, but never a secret", async () => {
  const { key, id } = await create("--scope", "ingest");
  await bench.run("key", "revoke", id);
  const { code, out } = await bench.run("key", "list");
  expect(code).toBe(0);
  expect(out).toMatch(/^ID +STATE +SCOPES/);
  expect(out).toMatch(new RegExp(`${id} +revoked +ingest +all .*sensor`));
  expect(out).not.toContain(key.slice(17));
  expect((await bench.json("key", "list")).items).toMatchObject([{ id, name: "sensor" }]);
});

test("a key is revoked by its id or by itself, once", async () => {
  const { key } = await create("--scope", "ingest");
  expect((await bench.run("key", "revoke", key)).code).toBe(0);
  expect(verify(key)).toEqual({ ok: false, reason: "revoked" });
  const again = await bench.run("key", "revoke", key);
  expect(again.code).toBe(1);
  expect(again.err).toMatch(/^tocsin: key: there is no active key .*\n {2}hint: /);
  expect(again.err).not.toContain(key);
});

test("bindings that make no sense are wrong usage, and nothing is made", async () => {
  const wish = ["--name", "n", "--scope", "read", "--source", "kibana"];
  const { code, err } = await bench.run("key", "create", ...wish);
  expect(code).toBe(64);
  expect(err).toContain("sources bind the ingest scope");
  expect(existsSync(join(bench.folder, "data"))).toBe(false);
});

test("without data there is nothing to list, and the error says where it looked", async () => {
  const { code, err } = await bench.run("key", "list", "--data", "elsewhere");
  expect(code).toBe(2);
  expect(err).toContain(join(bench.folder, "elsewhere"));
  expect(err).toContain("hint:");
});
