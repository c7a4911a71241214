import { beforeEach, describe, expect, it } from "vitest";
import type { FeedItem } from "../sources/feed.ts";
import type { JsonValue } from "../receipt/json.ts";
import { fail } from "../errors.ts";
import { reconcileReportSchema } from "./report.ts";
import { reconcile, type ReconcileRequest } from "./reconcile.ts";
import { anItem, FakeFeed } from "./testing/fake-feed.ts";

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 15, 12);

let feed: FakeFeed;
let known: Set<string>;
let fetched: string[];
beforeEach(() => {
  feed = new FakeFeed();
  known = new Set();
  fetched = [];
});

interface Made {
  readonly id: string;
  readonly rule: string;
  readonly hits?: number;
  readonly bad?: boolean | "throws";
}

/** One event for each item; `hits` makes several, `bad` none that can be understood. */
function decode(document: JsonValue) {
  const { id, rule, hits, bad } = document as unknown as Made;
  if (bad === "throws") throw fail("INTERNAL", { component: "test", message: "a bug" });
  const item = { reason: "not_an_alert", detail: "", bytes: new Uint8Array() } as const;
  if (bad) return { events: [], rejected: [item] };
  const keys = hits ? Array.from({ length: hits }, (_, n) => `#${n}`) : [""];
  const events = keys.map((suffix) => {
    return { stream: rule, key: `es:index/${id}${suffix}`, document: {} };
  });
  return { events, rejected: [] };
}

async function take(items: readonly FeedItem[]) {
  fetched.push(...items.map(({ name }) => name));
  let accepted = 0;
  for (const { document } of items) {
    for (const { key } of decode(document).events) accepted += known.has(key) ? 0 : 1;
    for (const { key } of decode(document).events) known.add(key);
  }
  return { accepted, duplicates: 0, quarantined: 0 };
}

function run(change: Partial<ReconcileRequest> = {}) {
  return reconcile({
    feed,
    source: { name: "lab", config: {}, definition: { kind: "elastic-alerts", decode } },
    stream: { known: async (keys) => new Set(keys.filter((key) => known.has(key))) },
    since: NOON - 24 * HOUR,
    until: NOON,
    cursor: { cursor: "9", readTo: NOON, at: NOON },
    timeless: true,
    backfill: null,
    ...change,
  });
}

const add = (...items: FeedItem[]) => feed.items.push(...items);
const know = (...ids: string[]) => ids.forEach((id) => known.add(`es:index/${id}`));

describe("a comparison", () => {
  it("finds nothing missing where all keys are known", async () => {
    add(anItem("a", NOON - HOUR), anItem("b", NOON - HOUR), anItem("c", NOON - 1));
    know("a", "b", "c");
    const report = await run();
    expect(report).toEqual({
      source: "lab",
      since: "2026-01-14T12:00:00.000Z",
      until: "2026-01-15T12:00:00.000Z",
      found: 3,
      missing: [],
      missing_count: 0,
      before_start_count: 0,
      backfilled: 0,
    });
    expect(reconcileReportSchema.parse(report)).toEqual(report);
  });

  it("names what is missing by rule and hour", async () => {
    add(
      anItem("a", NOON - 2 * HOUR, "Rule A"),
      anItem("b", NOON - 2 * HOUR + 5, "Rule A"),
      anItem("c", NOON - HOUR, "Rule A"),
      anItem("d", NOON - HOUR, "Rule B"),
      anItem("e", null, "Rule B"),
      anItem("f", NOON - HOUR, "Rule B"),
    );
    know("f");
    const report = await run();
    expect(report).toMatchObject({ found: 6, missing_count: 5 });
    expect(report.missing.map(({ stream, hour, count }) => [stream, hour, count])).toEqual([
      ["Rule B", null, 1],
      ["Rule A", "2026-01-15T10:00:00.000Z", 2],
      ["Rule A", "2026-01-15T11:00:00.000Z", 1],
      ["Rule B", "2026-01-15T11:00:00.000Z", 1],
    ]);
    expect(report.missing[1]?.examples).toEqual([
      { key: "es:index/a", name: "es:index/a", at: "2026-01-15T10:00:00.000Z" },
      { key: "es:index/b", name: "es:index/b", at: "2026-01-15T10:00:00.005Z" },
    ]);
  });

  it("does not miss what is still to be read", async () => {
    add(anItem("a", NOON - 1), anItem("b", NOON - HOUR));
    const cursor = { cursor: "9", readTo: NOON - HOUR, at: NOON };
    expect(await run({ cursor })).toMatchObject({
      until: "2026-01-15T11:00:00.000Z",
      missing_count: 0,
    });
    expect(await run({ cursor: null })).toMatchObject({ found: 0, missing_count: 0 });
  });

  it("leaves out what has no time where that is asked for", async () => {
    add(anItem("a", null), anItem("b", NOON - 1));
    const report = await run({ timeless: false, backfill: take });
    expect(report).toMatchObject({ found: 1, missing_count: 1, backfilled: 1 });
    expect(fetched).toEqual(["es:index/b"]);
  });

  it("misses each event of an item, and what could not be understood", async () => {
    const hits = { ...anItem("a", NOON - 1), document: { id: "a", rule: "R", hits: 3 } };
    const bad = { ...anItem("b", NOON - 1), document: { bad: true } };
    const broken = { ...anItem("c", NOON - 1), document: { bad: "throws" } };
    add(hits, bad, broken);
    know("a#1", "c!0");
    const report = await run();
    const keys = report.missing.flatMap(({ examples }) => examples.map(({ key }) => key));
    expect(keys.toSorted()).toEqual(["es:index/a#0", "es:index/a#2", "es:index/b!0"]);
  });

  it("does not miss an item that was put aside for what its part here does not show", async () => {
    add(anItem("a", NOON - 1), anItem("b", NOON - 1));
    know("a!0");
    const report = await run();
    expect(report).toMatchObject({
      missing_count: 1,
      missing: [{ examples: [{ key: "es:index/b" }] }],
    });
  });

  it("keeps its counts exact and its examples few, however much is missing", async () => {
    feed.size = 1000;
    for (let index = 0; index < 30_000; index += 1)
      add(anItem(`i${index}`, NOON - 1, `Rule ${index % 3000}`));
    const report = await run();
    expect(report.missing_count).toBe(30_000);
    expect(report.missing.length).toBeLessThanOrEqual(2001);
    expect(report.missing.reduce((sum, { count }) => sum + count, 0)).toBe(30_000);
    expect(Math.max(...report.missing.map(({ examples }) => examples.length))).toBe(5);
    expect(report.missing.filter(({ stream }) => stream === null)).toHaveLength(1);
  });
});

describe("the reason", () => {
  const reasonsOf = async (change: Partial<ReconcileRequest>) =>
    (await run(change)).missing.map(({ stream, reason }) => [stream, reason]);

  it("is that it came late, or from before the start", async () => {
    feed.origin = NOON - 2 * HOUR;
    add(anItem("a", NOON - 3 * HOUR, "old"), anItem("b", NOON - HOUR, "new"));
    expect(await reasonsOf({})).toEqual([
      ["old", "before_start"],
      ["new", "late"],
    ]);
    expect(await run()).toMatchObject({ missing_count: 1, before_start_count: 1 });
  });

  it("follows from how others of the rule came", async () => {
    feed.origin = NOON - 2 * HOUR;
    add(
      anItem("a", NOON - 3 * HOUR, "by webhook"),
      anItem("b", NOON - 1, "by action"),
      anItem("c", NOON - 1, "by itself"),
    );
    const asked: unknown[] = [];
    const arrivals = async (...args: unknown[]) => {
      asked.push(args);
      return new Map([
        ["by webhook", new Set(["elastic-alerts", "kibana"])],
        ["by action", new Set(["elastic-actions"])],
        ["by itself", new Set(["elastic-alerts"])],
      ]);
    };
    const until = NOON + HOUR;
    expect(await reasonsOf({ arrivals, until })).toEqual([
      ["by webhook", "webhook_lost"],
      ["by action", "mapping_lost"],
      ["by itself", "late"],
    ]);
    // What is sent comes later than it was made: until now, and not until where reading has come.
    const streams = new Set(["by webhook", "by action", "by itself"]);
    expect(asked).toEqual([
      [streams, NOON - 24 * HOUR, until],
      [streams, NOON - 24 * HOUR, NOON - 2 * HOUR],
    ]);
  });

  it("is no sender's fault that was not there before the start either", async () => {
    feed.origin = NOON - 2 * HOUR;
    add(anItem("a", NOON - 3 * HOUR, "R"), anItem("b", NOON - HOUR, "R"));
    const arrivals: ReconcileRequest["arrivals"] = async (_, __, until) =>
      new Map(until > feed.origin ? [["R", new Set(["kibana"])]] : []);
    expect((await run({ arrivals })).missing.map(({ reason }) => reason)).toEqual([
      "before_start",
      "webhook_lost",
    ]);
    expect(await run({ arrivals, backfill: take })).toMatchObject({ backfilled: 1 });
    expect(fetched).toEqual(["es:index/b"]);
  });

  it("is not the action index when that is what is compared", async () => {
    add(anItem("a", NOON - 1, "R"));
    const arrivals = async () => new Map([["R", new Set(["elastic-actions"])]]);
    const definition = { kind: "elastic-actions", decode };
    const source = { name: "lab", config: {}, definition };
    expect(await reasonsOf({ source, arrivals })).toEqual([["R", "late"]]);
  });
});

describe("a backfill", () => {
  it("takes what is missing and nothing else", async () => {
    add(anItem("a", NOON - 3), anItem("b", NOON - 2), anItem("c", NOON - 1), anItem("d", null));
    know("b");
    expect(await run({ backfill: take })).toMatchObject({ missing_count: 3, backfilled: 3 });
    expect(fetched).toEqual(["es:index/a", "es:index/c", "es:index/d"]);
    expect(await run({ backfill: take })).toMatchObject({ missing_count: 0, backfilled: 0 });
  });

  it("leaves out what is from before the start, unless a sender lost it", async () => {
    feed.origin = NOON - HOUR;
    add(
      anItem("a", NOON - 2 * HOUR, "A"),
      anItem("b", NOON - 2 * HOUR, "B"),
      anItem("c", NOON - 1),
    );
    const arrivals = async () => new Map([["B", new Set(["kibana"])]]);
    const report = await run({ backfill: take, arrivals });
    expect(report).toMatchObject({ missing_count: 2, before_start_count: 1, backfilled: 2 });
    expect(fetched).toEqual(["es:index/b", "es:index/c"]);
  });

  it("fetches what has no time when that is all that is missing", async () => {
    add(anItem("a", null), anItem("b", NOON - 1));
    know("b");
    expect(await run({ backfill: take })).toMatchObject({ backfilled: 1 });
  });

  it("that fails fails the comparison, and what was taken is known the next time", async () => {
    add(anItem("a", NOON - 3), anItem("b", NOON - 2), anItem("c", NOON - 1));
    let pages = 0;
    const backfill: typeof take = async (items) => {
      pages += 1;
      if (pages === 2) throw fail("STORAGE_FAILED", { component: "stream", message: "full" });
      return take(items);
    };
    await expect(run({ backfill })).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    expect(await run({ backfill: take })).toMatchObject({ missing_count: 1, backfilled: 1 });
  });
});
