import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Database } from "../sqlite/database.ts";
import { getMeta } from "../store/sqlite/meta.ts";
import { findSilence } from "../store/sqlite/silences.ts";
import { openSqliteStream } from "../stream/sqlite/stream.ts";
import { APPLIED_CONFIGURATION, recordableConfiguration } from "./applied-configuration.ts";
import { buildEngine } from "./build-engine.ts";
import { dataPaths } from "./paths.ts";
import { registries } from "./registries.ts";

let data: string;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "tocsin-engine-"));
  await openSqliteStream(dataPaths(data).stream).close();
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const links = { onProgress() {}, async appendNotices() {}, async pruneStream() {} };
const SILENT = `
sources: { s: { kind: generic } }
silences: [{ name: night, match: "*", comment: quiet, until: "2099-01-01T00:00:00Z" }]
`;
const LOUD = "sources: { s: { kind: generic } }\n";

/** Starts the engine and stops it; answers what the store knows then. */
async function runOnce(text: string) {
  const paths = dataPaths(data);
  const log = { level: "error", format: "json" } as const;
  const configuration = { text, file: null };
  const handle = await buildEngine({ paths, configuration, data, cwd: data, log }, links);
  await handle.stop(0);
  const database = new Database(paths.store);
  const applied = getMeta(database, APPLIED_CONFIGURATION);
  const night = findSilence(database, "night");
  const writeBack = getMeta(database, "write_back");
  database.close();
  return { applied, night, writeBack };
}

it("starting stores the silences of the configuration before anything is decided", async () => {
  const first = await runOnce(SILENT);
  expect(first.night).toMatchObject({ origin: "file", version: 1, ended_at: null });
  const again = await runOnce(SILENT);
  expect(again).toEqual(first);
  const { night } = await runOnce(LOUD);
  expect(night).toMatchObject({ version: 2, ended_at: expect.any(String) });
});

it("starting keeps the configuration that runs, without its secrets", async () => {
  const text = `${LOUD}destinations: { d: { kind: slack, webhook_url: "https://hooks.test/s3cret" } }\n`;
  const { applied } = await runOnce(text);
  expect(applied).toBe(recordableConfiguration(text, registries));
  expect(applied).not.toContain("s3cret");
  expect((await runOnce(LOUD)).applied).toBe(recordableConfiguration(LOUD, registries));
});

it("starting keeps which sources write back, until none does", async () => {
  const source = (rest: string) => `
clusters: { lab: { url: "https://es.lab:9200", kibana: "https://kibana.lab:5601" } }
sources: { alerts: { kind: elastic-alerts, cluster: lab${rest} } }
`;
  const { writeBack } = await runOnce(source(", write_back: true"));
  expect(JSON.parse(writeBack ?? "null")).toEqual({ alerts: "lab" });
  expect((await runOnce(source(""))).writeBack).toBeUndefined();
});
