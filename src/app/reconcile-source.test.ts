import { afterEach, beforeEach, expect, it } from "vitest";
import { anEntry, NOON, TestFolder } from "../ledger/testing/folder.ts";
import { anItem, FakeFeed } from "../polling/testing/fake-feed.ts";
import type { ConfiguredSource } from "./configuration.ts";
import { reconcileSource, type ReconcileWish } from "./reconcile-source.ts";

const DAY = 86_400_000;
const RETENTION = { raw: DAY, attempts: DAY, delivered: 90 * DAY, quarantine: 30 * DAY };

const LIMITS = { body: 1e7, unpacked: 1e7, events: 10_000, depth: 64 };

let folder: TestFolder;
let feed: FakeFeed;
beforeEach(() => {
  folder = new TestFolder();
  feed = new FakeFeed();
});
afterEach(() => folder.remove());

const source = {
  name: "lab",
  config: {},
  definition: {
    kind: "elastic-alerts",
    decode: (document: { id: string; rule: string }) => ({
      events: [{ stream: document.rule, key: `es:index/${document.id}`, document }],
      rejected: [],
    }),
  },
} as unknown as ConfiguredSource;

const run = (wish: Partial<ReconcileWish> = {}) =>
  reconcileSource(
    { source, feed },
    {
      paths: folder.paths,
      stream: folder.stream,
      configuration: { retention: RETENTION, limits: LIMITS },
    },
    { since: NOON - DAY, until: NOON, backfill: null, ...wish },
  );

it("asks the data folder what is known, how far was read and how others of the rule came", async () => {
  await folder.receive([anEntry("es:index/a"), anEntry("es:index/sent")], {
    received_at: NOON - 1,
  });
  await folder.stream.setCursor("lab", { cursor: "2", readTo: NOON - 5, at: NOON });
  feed.items.push(anItem("a", NOON - 7), anItem("b", NOON - 6), anItem("c", NOON - 5));
  expect(await run()).toMatchObject({
    found: 2,
    missing: [{ stream: "rule", count: 1, reason: "webhook_lost" }],
  });
});

it("does not look where retention may have taken what was known", async () => {
  await folder.stream.setCursor("lab", { cursor: "2", readTo: NOON, at: NOON });
  feed.items.push(anItem("a", NOON - 31 * DAY));
  const since = new Date(NOON - 30 * DAY).toISOString();
  expect(await run({ since: NOON - 60 * DAY })).toMatchObject({ since, found: 0 });
});

it("does not tell again what has no time when retention may have taken its key", async () => {
  await folder.stream.setCursor("lab", { cursor: "1", readTo: NOON, at: NOON });
  feed.items.push(anItem("a", null));
  feed.origin = NOON - 31 * DAY;
  expect(await run()).toMatchObject({ found: 0, missing_count: 0 });
  feed.origin = NOON - 29 * DAY;
  expect(await run()).toMatchObject({ found: 1, missing_count: 1 });
});
