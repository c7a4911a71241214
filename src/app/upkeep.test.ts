import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { auditData } from "../ledger/audit.ts";
import { runBatch } from "../pipeline/runner.ts";
import type { Position } from "../pipeline/entry.ts";
import { Database } from "../sqlite/database.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import type { Claim, DeliveryResult, Store } from "../store/store.ts";
import { openSqliteReader } from "../stream/sqlite/reader.ts";
import { openSqliteStream } from "../stream/sqlite/stream.ts";
import type { Stream } from "../stream/stream.ts";
import { aReceipt, anEntry } from "../stream/testing/conformance.ts";
import { silentTelemetry } from "../telemetry/telemetry.ts";
import { parseConfiguration } from "./configuration.ts";
import { dataPaths, type DataPaths } from "./paths.ts";
import { compilePipeline } from "./pipeline-configuration.ts";
import { registries } from "./registries.ts";
import { applyRetention } from "./upkeep.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const TEXT = `
sources: { s: { kind: generic } }
destinations: { d: { kind: log } }
routes: [{ name: all, to: [d] }]
retention: { raw: 10d, delivered: 20d, quarantine: 30d, attempts: 5d }
`;
const read = parseConfiguration({ text: TEXT, file: null, env: {}, registries, cwd: "/" });
if (!read.ok) throw new RangeError("the configuration of this test is wrong");
const { configuration } = read;

let paths: DataPaths;
let stream: Stream;
let store: Store;
let database: Database;
const progress = { bodies: 0 };

beforeEach(async () => {
  paths = dataPaths(mkdtempSync(join(tmpdir(), "tocsin-retention-")));
  stream = openSqliteStream(paths.stream);
  store = openSqliteStore(paths.store);
  database = new Database(paths.store);
  progress.bodies = 0;
  const quarantine = { reason: "unreadable", detail: "" };
  const body = (title: string) => Buffer.from(JSON.stringify({ title }));
  await stream.append(
    aReceipt(
      [
        anEntry("delivered", { body: body("delivered") }),
        anEntry("bad", { quarantine }),
        anEntry("pending", { body: body("pending") }),
        anEntry("late", { body: body("late") }),
      ],
      { received_at: START, original: { headers: {}, body: Buffer.from("all of it") } },
    ),
  );
  const reader = openSqliteReader(paths.stream, 0 as Position);
  const parts = {
    store,
    configuration: compilePipeline(configuration),
    documents: (positions: readonly number[]) => reader.documents(positions),
  };
  await runBatch(await reader.read(10), parts, START);
  await reader.close();
});
afterEach(async () => {
  database.close();
  await store.close();
  await stream.close();
  rmSync(paths.folder, { recursive: true, force: true });
});

const retain = (days: number) =>
  applyRetention(
    {
      store: database,
      retention: configuration.retention,
      telemetry: silentTelemetry,
      links: { pruneStream: (request) => stream.prune(request) },
      signal: new AbortController().signal,
      progress,
    },
    START + days * DAY,
  );

async function deliver(titles: readonly string[]): Promise<void> {
  const claims = await store.claimDeliveries("d", START + 100 * DAY, 10);
  const chosen = claims.filter(({ alert }) => titles.includes(alert.title));
  await store.releaseClaims(claims.filter((claim) => !chosen.includes(claim)));
  await store.recordResults(chosen.map(delivered), []);
}

function delivered(claim: Claim): DeliveryResult {
  const attempt = {
    verdict: "delivered",
    reason: "accepted_by_peer",
    status: 200,
    duration: 1,
    error: null,
  } as const;
  return { claim, attempt, at: START, next: "delivered", remember: null, reference: null };
}

/** `key bytes` of every entry left. */
function entries(): string[] {
  const reading = new Database(paths.stream, { readOnly: true });
  const rows = reading.all<{ key: string; size: number | null }>(
    "SELECT key, length(body) AS size FROM entries ORDER BY position",
  );
  reading.close();
  return rows.map(({ key, size }) => `${key} ${size === null ? "no bytes" : "bytes"}`);
}

const gaps = () => auditData(paths, { since: null, now: START + 100 * DAY }).gaps;

describe("retention", () => {
  it("touches nothing before its time", async () => {
    await deliver(["delivered", "pending", "late"]);
    await retain(9);
    expect(entries()).toEqual(["delivered bytes", "bad bytes", "pending bytes", "late bytes"]);
  });

  it("takes bytes up to the first event that still waits, and the rest when it is done", async () => {
    await deliver(["delivered", "late"]);
    await retain(11);
    expect(entries()).toEqual(["delivered no bytes", "bad bytes", "pending bytes", "late bytes"]);
    await deliver(["pending"]);
    await retain(11);
    expect(entries()).toEqual([
      "delivered no bytes",
      "bad bytes",
      "pending no bytes",
      "late no bytes",
    ]);
    expect(gaps()).toEqual([]);
  });

  it("takes the history of what is done and keeps what waits and what is in quarantine", async () => {
    await deliver(["delivered", "late"]);
    await retain(21);
    expect(entries()).toEqual(["bad bytes", "pending bytes"]);
    expect(database.all("SELECT position FROM alerts")).toEqual([{ position: 3 }]);
    expect(database.all("SELECT alert, state FROM deliveries")).toEqual([
      { alert: 3, state: "pending" },
    ]);
    expect(gaps()).toEqual([]);
    await retain(31);
    expect(entries()).toEqual(["pending bytes"]);
    expect(gaps()).toEqual([]);
  });

  it("takes receipts once nothing of them is left", async () => {
    const receipts = () => {
      const reading = new Database(paths.stream, { readOnly: true });
      const rows = reading.all("SELECT id, length(body) AS size FROM receipts");
      reading.close();
      return rows;
    };
    await deliver(["delivered", "late"]);
    await retain(40);
    expect(receipts()).toEqual([{ id: 1, size: null }]);
    await deliver(["pending"]);
    await retain(40);
    await retain(40);
    expect(entries()).toEqual([]);
    expect(receipts()).toEqual([]);
    expect(gaps()).toEqual([]);
  });

  it("forgets a key with its event, so that it can come again", async () => {
    await deliver(["delivered", "pending", "late"]);
    await retain(40);
    const { entries: again } = await stream.append(
      aReceipt([anEntry("delivered")], { received_at: START + 41 * DAY }),
    );
    expect(again[0]).toMatchObject({ duplicate: false, position: 5 });
  });
});
