import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { alertId } from "../alert/id.ts";
import { fail } from "../errors.ts";
import { auditData } from "../ledger/audit.ts";
import type { Position } from "../pipeline/entry.ts";
import { createRandom, pick } from "../receipt/testing/mutate.ts";
import type { FeedItem } from "../sources/feed.ts";
import { Database } from "../sqlite/database.ts";
import type { Decoded, DecodedEvent, JsonObject, JsonValue } from "../sources/source.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import { openSqliteReader } from "../stream/sqlite/reader.ts";
import { openSqliteStream } from "../stream/sqlite/stream.ts";
import type { Stream } from "../stream/stream.ts";
import type { ConfiguredSource } from "./configuration.ts";
import { takePage } from "./intake.ts";
import { dataPaths, type DataPaths } from "./paths.ts";

const NOW = Date.UTC(2026, 0, 1);
const LIMITS = { body: 1000, unpacked: 2000, events: 10, depth: 8 };

/** Events as `hits` says, with keys and versions; as many rejected items as `bad` says. */
function decode(document: JsonValue): Decoded {
  const { hits = [], bad = 0, throws = false } = document as JsonObject;
  if (throws === true) throw new TypeError("x is not a function");
  const events = (hits as JsonObject[]).map((hit): DecodedEvent => ({
    stream: "rule",
    key: typeof hit["key"] === "string" ? hit["key"] : null,
    version: typeof hit["version"] === "string" ? hit["version"] : null,
    onlyKnown: hit["onlyKnown"] === true,
    document: hit,
  }));
  const bytes = Buffer.from("what came");
  const rejected = Array.from({ length: Number(bad) }, () => ({
    reason: "not_an_alert" as const,
    detail: "odd",
    bytes,
  }));
  if (events.length + rejected.length > 0) return { events, rejected };
  return { events, rejected, empty: "no_hits" };
}

const source = {
  name: "actions",
  kind: "test",
  definition: { kind: "test", decode },
  config: {},
} as unknown as ConfiguredSource;

const anItem = (id: string, document: JsonObject): FeedItem => ({
  name: `es:i/${id}`,
  at: null,
  document,
});
const hits = (...keys: string[]) => ({ hits: keys.map((key) => ({ key })) });

let paths: DataPaths;
let stream: Stream;

beforeEach(() => {
  paths = dataPaths(mkdtempSync(join(tmpdir(), "tocsin-intake-")));
  stream = openSqliteStream(paths.stream);
});
afterEach(async () => {
  await stream.close();
  rmSync(join(paths.stream, ".."), { recursive: true, force: true });
});

function take(items: readonly FeedItem[], changes: Partial<typeof LIMITS> = {}) {
  return takePage(stream, source, { ...LIMITS, ...changes }, { items, receivedAt: NOW });
}

interface ReceiptRow {
  readonly via: string;
  readonly items: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly empty: string | null;
}

function receipts(): ReceiptRow[] {
  const database = new Database(paths.stream, { readOnly: true });
  const rows = database.all<ReceiptRow>(
    "SELECT via, items, accepted, duplicates, quarantined, empty FROM receipts ORDER BY id",
  );
  database.close();
  return rows.map((row) => ({ ...row }));
}

async function entries() {
  const reader = openSqliteReader(paths.stream, 0 as Position);
  const all = await reader.read(10_000);
  await reader.close();
  return all;
}

/** There is no pipeline here, so nothing is decided: what is checked are receipts and entries. */
async function audit() {
  await openSqliteStore(paths.store).close();
  return auditData(paths, { since: null, now: NOW + 1 });
}

describe("taking a page of a feed", () => {
  it("appends its events and what was rejected as one receipt", async () => {
    const taken = await take([
      anItem("1", hits("k:1")),
      anItem("2", { hits: [{ n: 1 }, { n: 2 }], bad: 1 }),
      anItem("3", { throws: true }),
      anItem("4", {}),
    ]);
    expect(taken).toMatchObject({ accepted: 3, duplicates: 0, quarantined: 2 });
    expect(receipts()).toEqual([
      { via: "poll", items: 5, accepted: 3, duplicates: 0, quarantined: 2, empty: null },
    ]);
    const stored = await entries();
    expect(stored.map(({ key, quarantine }) => [key, quarantine?.reason])).toEqual([
      ["k:1", undefined],
      ["es:i/2#0", undefined],
      ["es:i/2#1", undefined],
      ["es:i/2!0", "not_an_alert"],
      ["es:i/3!0", "unreadable"],
    ]);
    expect(Buffer.from(stored[4]?.body ?? []).toString()).toBe('{"throws":true}');
    expect(taken.events).toEqual(
      stored.slice(0, 3).map(({ key, position }) => ({
        id: alertId(NOW, key, position),
        key,
        duplicate: false,
      })),
    );
  });

  it("takes nothing again when the page comes again, however late", async () => {
    const items = [anItem("1", { ...hits("k:1"), bad: 2 }), anItem("2", { hits: [{}] })];
    const first = await take(items);
    const again = await takePage(stream, source, LIMITS, { items, receivedAt: NOW + 1e9 });
    expect(again).toMatchObject({ accepted: 0, duplicates: 4, quarantined: 0 });
    expect(again.events).toEqual(first.events.map((event) => ({ ...event, duplicate: true })));
    expect(await entries()).toHaveLength(4);
  });

  it("takes a later state of a document as an event of its own", async () => {
    await take([anItem("1", hits("k:1"))]);
    const later = anItem("1", { hits: [{ key: "k:1", version: "closed" }] });
    expect((await take([later])).events).toMatchObject([{ key: "k:1@closed", duplicate: false }]);
    expect((await take([later])).events).toMatchObject([{ key: "k:1@closed", duplicate: true }]);
  });

  it("records that there was nothing in its items", async () => {
    expect(await take([anItem("1", {}), anItem("2", {})])).toEqual({
      accepted: 0,
      duplicates: 0,
      quarantined: 0,
      events: [],
    });
    expect(receipts()).toMatchObject([{ items: 0, empty: "no_hits" }]);
  });

  it("leaves nothing of a page without items", async () => {
    expect((await take([])).events).toEqual([]);
    expect(receipts()).toEqual([]);
  });

  it("splits a page with more entries than a receipt may have", async () => {
    const many = Array.from({ length: 12 }, (_, index) => `k:${index}`);
    const taken = await take([anItem("1", hits(...many)), anItem("2", { bad: 13 })]);
    expect(taken).toMatchObject({ accepted: 12, duplicates: 0, quarantined: 13 });
    expect(taken.events.map(({ key }) => key)).toEqual(many);
    expect(receipts().map((row) => [row.items, row.accepted, row.quarantined])).toEqual([
      [10, 10, 0],
      [10, 2, 8],
      [5, 0, 5],
    ]);
  });

  it("takes as many entries as a receipt may have in one", async () => {
    await take([anItem("1", hits(...Array.from({ length: 10 }, (_, index) => `k:${index}`)))]);
    expect(receipts().map(({ items }) => items)).toEqual([10]);
  });

  it("puts items aside that are over the limits, and takes their neighbours", async () => {
    const deep = JSON.parse(`${"[".repeat(9)}${"]".repeat(9)}`) as JsonValue;
    const taken = await take([
      anItem("1", { ...hits("k:1"), deep }),
      anItem("2", { ...hits("k:2"), long: "x".repeat(2000) }),
      anItem("3", hits("k:3")),
    ]);
    expect(taken).toMatchObject({ accepted: 1, quarantined: 2 });
    const stored = await entries();
    expect(stored.map(({ key, quarantine }) => [key, quarantine?.reason])).toEqual([
      ["k:3", undefined],
      ["es:i/1!0", "too_deep"],
      ["es:i/2!0", "unreadable"],
    ]);
  });

  it("leaves out what can only change what is known, until something else makes it known", async () => {
    const change = { key: "k:1", version: "v", onlyKnown: true };
    const page = [anItem("1", { hits: [change] })];
    expect(await take(page)).toMatchObject({ accepted: 0, duplicates: 0, quarantined: 0 });
    expect(receipts()).toEqual([]);
    await take([anItem("2", hits("k:1"))]);
    expect(await take(page)).toMatchObject({ accepted: 1 });
    expect((await entries()).map(({ key }) => key)).toEqual(["k:1", "k:1@v"]);
  });

  it("rejects when it cannot be stored", async () => {
    const refused = fail("STORAGE_FAILED", { component: "stream", message: "no space" });
    const full = { append: () => Promise.reject(refused) } as unknown as Stream;
    const page = { items: [anItem("1", hits("k:1"))], receivedAt: NOW };
    await expect(takePage(full, source, LIMITS, page)).rejects.toBe(refused);
  });

  it("balances in the audit, whatever the pages hold", async () => {
    const random = createRandom(7);
    const documents: readonly JsonObject[] = [
      {},
      { bad: 1 },
      { bad: 14 },
      { throws: true },
      hits("k:1", "k:2"),
      hits("k:2", "k:3", "k:3"),
      { hits: [{ key: "k:1", version: "v" }, {}], bad: 1 },
    ];
    const sum = { accepted: 0, duplicates: 0, quarantined: 0 };
    for (let page = 0; page < 40; page += 1) {
      const items = Array.from({ length: page % 7 }, (_, index) =>
        anItem(String((page * index) % 11), pick(documents, random)),
      );
      const { accepted, duplicates, quarantined } = await take(items);
      sum.accepted += accepted;
      sum.duplicates += duplicates;
      sum.quarantined += quarantined;
    }
    const rows = receipts();
    const total = (name: keyof typeof sum) => rows.reduce((all, row) => all + row[name], 0);
    expect(sum).toEqual({
      accepted: total("accepted"),
      duplicates: total("duplicates"),
      quarantined: total("quarantined"),
    });
    expect(rows.filter((row) => (row.items === 0) !== (row.empty !== null))).toEqual([]);
    expect(await entries()).toHaveLength(sum.accepted + sum.quarantined);
    expect((await audit()).gaps).toEqual([]);
  });
});
