import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { LogEntry } from "../pipeline/entry.ts";
import { anEvent } from "../pipeline/testing/builders.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import type { StreamReader } from "../stream/stream.ts";
import { systemClock } from "../telemetry/clock.ts";
import { silentTelemetry } from "../telemetry/telemetry.ts";
import { parseConfiguration } from "./configuration.ts";
import { startEngine } from "./engine.ts";
import { compilePipeline } from "./pipeline-configuration.ts";
import { registries } from "./registries.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-engine-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PAIRS = `
sources: { s: { kind: generic } }
correlate: [{ name: pairs, count: "> 1", by: [host.name], within: 5m }]
`;

function pipelineOf(text: string) {
  const read = parseConfiguration({ text, file: "t.yaml", env: {}, registries, cwd: folder });
  if (!read.ok) throw new RangeError(text);
  return compilePipeline(read.configuration);
}

/** A log to which somebody always writes one entry more than was read, until `isEnough`. */
class BusyLog implements StreamReader {
  entries = 0;
  readonly #isEnough: () => boolean;

  constructor(isEnough: () => boolean) {
    this.#isEnough = isEnough;
  }

  async read(): Promise<LogEntry[]> {
    if (this.#isEnough()) return [];
    this.entries += 1;
    const body = Buffer.from(JSON.stringify({ title: "A", host: { name: "web" } }));
    return [{ ...anEvent(this.entries), body }];
  }

  documents = () => new Map();
  async acknowledge(): Promise<void> {}
  async close(): Promise<void> {}
}

it("appends what it raised while the log goes on, though it never comes to the log's end", async () => {
  const raised: string[] = [];
  const log: BusyLog = new BusyLog(() => raised.length > 0 || log.entries === 50);
  const engine = await startEngine({
    store: openSqliteStore(join(folder, "store.db")),
    openReader: () => log,
    configuration: pipelineOf(PAIRS),
    outlets: [],
    clock: systemClock,
    telemetry: silentTelemetry,
    async appendNotices(notices) {
      raised.push(...notices.map(({ key }) => key));
    },
    onProgress() {},
  });
  await expect.poll(() => engine.idle()).toBe(true);
  await engine.stop(0);
  expect(raised).toEqual(["correlate:pairs|web:2"]);
  expect(log.entries).toBe(2);
});

it("asks once a second what another process changed, and decides with that from then on", async () => {
  const database = openSqliteStore(join(folder, "store.db"));
  const alarms: (() => void)[] = [];
  const clock = { now: () => 1, at: (_time: number, work: () => void) => cancelled(alarms, work) };
  const raised: string[] = [];
  const changes = [null, pipelineOf(PAIRS), null];
  let allowed = 0;
  const log: BusyLog = new BusyLog(() => log.entries >= allowed);
  const engine = await startEngine({
    store: database,
    openReader: () => log,
    configuration: pipelineOf("sources: { s: { kind: generic } }"),
    outlets: [],
    clock,
    telemetry: silentTelemetry,
    async appendNotices(notices) {
      raised.push(...notices.map(({ key }) => key));
    },
    onProgress() {},
    refresh: () => changes.shift() ?? null,
  });
  for (const entries of [2, 4, 6]) {
    allowed = entries;
    alarms.shift()?.();
    await expect.poll(() => engine.idle()).toBe(true);
  }
  await engine.stop(0);
  expect(changes).toEqual([]);
  expect(raised).toEqual(["correlate:pairs|web:4", "correlate:pairs|web:6"]);
});

function cancelled(alarms: (() => void)[], work: () => void): () => void {
  alarms.push(work);
  return () => void alarms.splice(alarms.indexOf(work), 1);
}
