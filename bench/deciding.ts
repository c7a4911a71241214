/** How fast alerts are decided, without a network: the real store, the real stages, in this process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfiguration, type Configuration } from "../src/app/configuration.ts";
import { compilePipeline } from "../src/app/pipeline-configuration.ts";
import { registries } from "../src/app/registries.ts";
import { syncConfiguredSilences } from "../src/app/silences.ts";
import { openHistory } from "../src/ledger/history.ts";
import type { EventEntry, Position } from "../src/pipeline/entry.ts";
import { alertRecord } from "../src/pipeline/record.ts";
import { runBatch } from "../src/pipeline/runner.ts";
import { backtest } from "../src/rehearsal/backtest.ts";
import { Database } from "../src/sqlite/database.ts";
import { openSqliteStore } from "../src/store/sqlite/store.ts";
import { openSqliteStream } from "../src/stream/sqlite/stream.ts";
import { createAlert } from "./alerts.ts";

const BATCH = 64;
const START = Date.UTC(2026, 2, 2, 9);
const OPEN_FINGERPRINTS = 10_000;
const SILENCES = 1000;
export const ROUTES = 200;
/** Alerts of the backtest come this far apart, so that they fill about a week. */
const BACKTEST_STEP_MS = 6000;

export interface Decided {
  readonly perSecond: number;
  /** Microseconds to find the routes of an alert, by the number of routes. */
  readonly matching: Readonly<Record<number, number>>;
}

/**
 * Decides alerts while 10,000 fingerprints are open, with 1,000 silences and 200 routes: half of them
 * repeat an open one, half are new.
 */
export async function measureDeciding(alerts: number): Promise<Decided> {
  return inFolder(async (folder) => {
    const configuration = configure(folder, ROUTES);
    const store = openSqliteStore(join(folder, "store.db"));
    const database = new Database(join(folder, "store.db"));
    syncConfiguredSilences(database, configuration, START);
    database.close();
    const parts = {
      store,
      configuration: compilePipeline(configuration),
      documents: () => new Map(),
    };
    const decide = async (first: number, count: number, fingerprintOf: (n: number) => number) => {
      for (let at = first; at < first + count; at += BATCH) {
        const size = Math.min(BATCH, first + count - at);
        const entries = Array.from({ length: size }, (_, n) =>
          entryOf(at + n, fingerprintOf(at + n)),
        );
        await runBatch(entries, parts, START);
      }
    };
    await decide(1, OPEN_FINGERPRINTS, (n) => n);
    const begun = performance.now();
    await decide(OPEN_FINGERPRINTS + 1, alerts, (n) => (n % 2 === 0 ? n % OPEN_FINGERPRINTS : n));
    const took = performance.now() - begun;
    await store.close();
    const matching = Object.fromEntries(
      [20, ROUTES, 2000].map((routes) => [routes, measureMatching(folder, routes)]),
    );
    return { perSecond: (alerts * 1000) / took, matching };
  });
}

/** Microseconds to find the routes of an alert. */
function measureMatching(folder: string, routes: number): number {
  const pipeline = compilePipeline(configure(folder, routes));
  const records = Array.from({ length: 2000 }, (_, n) => {
    const entry = entryOf(n + 1, n);
    const document = JSON.parse(Buffer.from(entry.body).toString()) as Record<string, unknown>;
    const { content } = pipeline.normalise(entry, document);
    // Only what queries look at matters here, and the content has all of it.
    return alertRecord({ ...content, entities: NOBODY } as never, document);
  });
  const begun = performance.now();
  for (const record of records) pipeline.routes.matching(record, START);
  return ((performance.now() - begun) * 1000) / records.length;
}

const NOBODY = { hosts: [], users: [], ips: [] };

/** Seconds that a backtest of so many alerts takes. */
export async function measureBacktest(alerts: number): Promise<number> {
  return inFolder(async (folder) => {
    const paths = { stream: join(folder, "stream.db"), store: join(folder, "store.db") };
    await openSqliteStore(paths.store).close();
    await fillStream(paths.stream, alerts);
    const configuration = configure(folder, ROUTES);
    const window = { since: START, until: START + (alerts + 1) * BACKTEST_STEP_MS };
    const side = { configuration, silences: [] };
    const begun = performance.now();
    const { report } = await backtest(() => openHistory(paths, window), window, {
      before: null,
      after: side,
    });
    if (report.entries < alerts) throw new RangeError(`decided ${report.entries} of ${alerts}`);
    return (performance.now() - begun) / 1000;
  });
}

async function fillStream(path: string, alerts: number): Promise<void> {
  const stream = openSqliteStream(path, () => {});
  for (let at = 1; at <= alerts; at += 500) {
    const receipts = Array.from({ length: Math.min(500, alerts + 1 - at) }, (_, n) => {
      const { source, kind, body, key, stream: rule } = entryOf(at + n, at + n);
      const entry = { stream: rule, key, window: null, repaired: [], body, quarantine: null };
      return stream.append({
        source,
        kind,
        received_at: START + (at + n) * BACKTEST_STEP_MS,
        via: "none",
        entries: [entry],
        empty: null,
        original: null,
      });
    });
    await Promise.all(receipts);
  }
  await stream.close();
}

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const TEMPLATE = JSON.parse(createAlert().bytes.toString()) as Record<string, unknown>;

/** An alert of about 4 kB as Elastic has it; what it is about depends on its fingerprint. */
function entryOf(n: number, fingerprint: number): EventEntry {
  const document = {
    ...TEMPLATE,
    "kibana.alert.uuid": `alert-${n}`,
    "kibana.alert.rule.name": `Rule ${fingerprint % ROUTES}`,
    "kibana.alert.rule.uuid": `rule-${fingerprint % ROUTES}`,
    host: { name: `host-${fingerprint % 5000}` },
    user: { name: `user-${fingerprint}` },
  };
  return {
    position: n as Position,
    receipt: n,
    source: "elastic",
    kind: "elastic",
    stream: "rule",
    key: `alert-${n}`,
    received_at: START + n,
    repaired: [],
    body: Buffer.from(JSON.stringify(document)),
    quarantine: null,
  };
}

function configure(cwd: string, routes: number): Configuration {
  const text = JSON.stringify({
    sources: { elastic: { kind: "elastic" } },
    destinations: { a: { kind: "log" }, b: { kind: "log" } },
    fold: [{ name: "same", by: ["rule.name", "host.name", "user.name"], window: "24h" }],
    cases: [{ name: "host", match: "severity >= high", group_by: ["host.name"], window: "4h" }],
    silences: Array.from({ length: SILENCES }, (_, n) => ({
      name: `silence-${n}`,
      match: `host.name : "quiet-${n}" and severity <= high`,
      until: "2030-01-01T00:00:00Z",
      comment: "bench",
    })),
    routes: [
      ...Array.from({ length: routes - 1 }, (_, n) => ({
        name: `route-${n}`,
        match: `rule.name : "Rule ${n}" and severity >= medium`,
        to: ["a"],
      })),
      { name: "rest", to: ["b"] },
    ],
  });
  const read = parseConfiguration({ text, file: "bench.yaml", env: {}, registries, cwd });
  if (!read.ok) throw new RangeError(read.problems.map(({ message }) => message).join("; "));
  return read.configuration;
}
