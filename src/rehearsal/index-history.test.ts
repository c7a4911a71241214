/** Hits of an index on their way through the intake into a history. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { parseConfiguration, type Configuration } from "../app/configuration.ts";
import { registries } from "../app/registries.ts";
import type { LogEntry } from "../pipeline/entry.ts";
import { readIndexHistory, type Hit, type IndexHistory, type IndexRange } from "./index-history.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");
const TEXT = `
sources:
  documents: { kind: elastic }
  rows: { kind: generic, items: _source.rows }
destinations: { soc: { kind: log } }
routes: [{ name: all, to: [soc] }]
limits: { body: 1KiB }
`;

let temporary: string;
let configuration: Configuration;
const opened: IndexHistory[] = [];
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "tocsin-index-"));
  vi.stubEnv("TMPDIR", temporary);
  const read = parseConfiguration({ text: TEXT, file: null, env: {}, registries, cwd: temporary });
  if (!read.ok) throw new RangeError(JSON.stringify(read.problems));
  ({ configuration } = read);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const history of opened.splice(0)) await history.close();
  rmSync(temporary, { recursive: true });
});

const hit = (n: number, source: object = { n }, time = NOON + n): Hit => ({
  _index: "alerts",
  _id: `d${n}`,
  _source: source as Hit["_source"],
  time,
});

async function* pages(...given: readonly (readonly Hit[])[]) {
  yield* given;
}

function rangeOf(hits: IndexRange["hits"], source = "documents"): IndexRange {
  const { limits, sources } = configuration;
  return { hits, source: sources.get(source)!, limits, since: NOON };
}

async function open(range: IndexRange): Promise<IndexHistory> {
  const history = await readIndexHistory(range);
  opened.push(history);
  return history;
}

async function entriesOf(history: IndexHistory): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of history.open().entries()) entries.push(entry);
  return entries;
}

it("gives each hit as its source's event, received at the hit's time, in order", async () => {
  const history = await open(rangeOf(pages([hit(1), hit(2)], [hit(3)])));
  const entries = await entriesOf(history);
  expect(entries.map(({ received_at: at }) => at - NOON)).toEqual([1, 2, 3]);
  expect(entries[0]).toMatchObject({ source: "documents", kind: "elastic", key: "es:alerts/d1" });
  const { documents, newest } = history.open();
  expect(newest).toBe(3);
  expect(documents([2]).get(2)).toEqual({ _index: "alerts", _id: "d2", _source: { n: 2 } });
});

it("lets no time go back, and none begin before the range", async () => {
  const late = [hit(1, {}, NOON - 5), hit(2, {}, NOON + 9), hit(3, {}, NOON + 7)];
  const entries = await entriesOf(await open(rangeOf(pages(late))));
  expect(entries.map(({ received_at: at }) => at - NOON)).toEqual([0, 9, 9]);
});

it("keeps the order of a page that is longer than a commit", async () => {
  const many = Array.from({ length: 1200 }, (_, n) => hit(n));
  const entries = await entriesOf(await open(rangeOf(pages(many))));
  expect(entries.map(({ key }) => key)).toEqual(many.map(({ _id }) => `es:alerts/${_id}`));
});

it("counts what cannot be decided: unreadable, over the limits, known, without an event", async () => {
  const rows = (...list: readonly unknown[]) => ({ rows: list });
  const hits = [
    hit(1, rows({ id: "a" }, { id: "b" }, {})),
    hit(2, { other: true }),
    hit(3, rows({ id: "c", text: "x".repeat(2000) })),
    hit(4, rows({ id: "a" })),
    hit(5, rows()),
  ];
  const history = await open(rangeOf(pages(hits), "rows"));
  expect(await entriesOf(history)).toHaveLength(2);
  expect(history.open().left).toEqual({ quarantined: 3, repeated: 1, empty: 1 });
});

it("is the same each time it is opened", async () => {
  const history = await open(rangeOf(pages([hit(1), hit(2)])));
  const first = await entriesOf(history);
  expect(first).toHaveLength(2);
  expect(await entriesOf(history)).toEqual(first);
});

it("leaves nothing on the disk when it is closed", async () => {
  const history = await readIndexHistory(rangeOf(pages([hit(1)])));
  await entriesOf(history);
  expect(readdirSync(temporary)).toHaveLength(1);
  await history.close();
  expect(readdirSync(temporary)).toEqual([]);
});

it("leaves nothing on the disk when the reading fails", async () => {
  async function* failing() {
    yield [hit(1)];
    throw new RangeError("the cluster is gone");
  }
  await expect(readIndexHistory(rangeOf(failing()))).rejects.toThrow("the cluster is gone");
  expect(readdirSync(temporary)).toEqual([]);
});

it("ends in the middle when it is told to", async () => {
  const stop = new AbortController();
  const range = rangeOf(pages([hit(1), hit(2)]));
  const history = await open({ ...range, signal: stop.signal });
  const read = async () => {
    for await (const entry of history.open().entries()) stop.abort(new RangeError(entry.key));
  };
  await expect(read()).rejects.toThrow("es:alerts/d1");
});
