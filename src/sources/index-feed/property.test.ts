/** Random histories of an index, read by random polls: what is visible in time is given. */
import { describe, expect, it } from "vitest";
import { dice, seeds, type Dice } from "../../../test/property/dice.ts";
import { fail } from "../../errors.ts";
import type { IndexFeedSettings } from "./settings.ts";
import { MemoryCluster } from "./testing/memory-cluster.ts";
import type { Visible } from "./testing/query.ts";
import { FeedReader, SETTINGS } from "./testing/reader.ts";

const START = Date.parse("2026-05-05T12:00:00Z") + 37;
const OVERLAP = 60_000;
const STEPS = 120;

interface History {
  readonly chance: Dice;
  readonly cluster: MemoryCluster;
  readonly reader: FeedReader;
  /** Names of all documents that are to be given. */
  readonly written: Set<string>;
  /** Names of what was given, and `name@time` for each state of those that change. */
  readonly given: Set<string>;
}

function begin(seed: number, more: Partial<IndexFeedSettings> = {}): History {
  const chance = dice(seed);
  const cluster = new MemoryCluster(START);
  const settings = {
    index: "log-*",
    size: chance.one([1, 2, 5, 100]),
    overlap: OVERLAP + chance.below(100),
    settle: chance.one([0, 50, 5000]),
    timeless: true,
    // So long ago that no clock here is behind it.
    startTime: { kind: "ago", duration: 3_600_000 } as const,
    ...more,
  };
  const reader = new FeedReader(cluster, settings);
  return { chance, cluster, reader, written: new Set(), given: new Set() };
}

const iso = (time: number) => new Date(time).toISOString();

/** Some documents, each visible within the overlap of its time; some have no time at all. */
function write({ chance, cluster, written }: History): void {
  const count = chance.one([1, 1, 2, 10]);
  for (let n = 0; n < count; n++) {
    const id = `d${written.size}`;
    const index = chance.one(["log-1", "log-2"]);
    const delay = chance.one([0, 0, chance.below(1000), chance.below(OVERLAP + 1)]);
    const target = { index, id, delay, shard: chance.below(2) };
    const time = cluster.now - chance.below(OVERLAP - delay + 1);
    cluster.write(target, chance.chance(0.2) ? { id } : { "@timestamp": iso(time), id });
    written.add(`es:${index}/${id}`);
  }
}

/** One poll, which may be aborted, fail, or end with a crash at any of its pages. */
async function poll(history: History, faulty: boolean): Promise<void> {
  const { chance, cluster, reader, given } = history;
  const abort = new AbortController();
  const fault = faulty ? chance.below(8) : 8;
  const at = 1 + chance.below(6);
  cluster.beforeCall = () => {
    // Time goes on while pages are read.
    if (faulty) cluster.now += chance.below(300);
    if (fault < 2 && chance.chance(0.3))
      throw fail("REQUEST_FAILED", { component: "cluster lab", message: "a fault" });
  };
  const onPage = (_: unknown, page: number): boolean => {
    if (fault === 2 && page === at) abort.abort();
    if (fault === 3 && page === at)
      throw fail("OVERLOADED", { component: "x", message: "a fault" });
    return !(fault >= 4 && fault < 6 && page === at);
  };
  await reader.poll(onPage, abort.signal).catch((error: unknown) => {
    if (!faulty) throw error;
  });
  cluster.beforeCall = () => undefined;
  if (fault === 4 || fault === 1) reader.reopen();
  for (const { name, document } of reader.items.splice(0)) {
    const { changed_at = "" } = document["_source"] as { changed_at?: string };
    given.add(name).add(`${name}@${changed_at}`);
  }
}

/** Waits until all is visible and old enough, and reads until a poll finds nothing. */
async function comeToRest(history: History): Promise<void> {
  const { cluster, reader } = history;
  reader.skew = 0;
  cluster.now += OVERLAP + 20_000;
  await poll(history, false);
  await poll(history, false);
  const before = cluster.calls.length;
  await poll(history, false);
  expect(cluster.calls.slice(before)).toEqual(["search"]);
  expect(cluster.open).toBe(0);
}

function step({ chance, cluster, reader }: History): void {
  cluster.now += chance.one([1, 100, 1000, 7000, 30_000]) + chance.below(50);
  if (chance.chance(0.1)) reader.skew = chance.one([0, -20_000, 20_000, 500_000, -500_000, 33]);
}

const missing = ({ written, given }: History) => [...written].filter((name) => !given.has(name));

describe.each(seeds(6))("history %i", (seed) => {
  it("of an index that only grows is given whole", async () => {
    const history = begin(seed);
    await poll(history, false);
    for (let n = 0; n < STEPS; n++) {
      if (history.chance.chance(0.5)) write(history);
      if (history.chance.chance(0.7)) await poll(history, true);
      step(history);
    }
    await comeToRest(history);
    expect(missing(history)).toEqual([]);
  });

  it("of an index that documents leave is given whole when none comes late meanwhile", async () => {
    const history = begin(seed);
    const { chance, cluster, written } = history;
    await poll(history, false);
    for (let n = 0; n < STEPS; n++) {
      if (chance.chance(0.5)) write(history);
      if (chance.chance(0.7)) await poll(history, true);
      if (chance.chance(0.15)) await leave(history);
      step(history);
    }
    await comeToRest(history);
    expect(missing(history)).toEqual([]);
    expect(written.size).toBeGreaterThan(cluster.visible().length);
  });

  it("of an index that documents leave at any time is whole with what a range finds", async () => {
    const history = begin(seed);
    const { chance, cluster, reader } = history;
    await poll(history, false);
    for (let n = 0; n < STEPS; n++) {
      if (chance.chance(0.5)) write(history);
      if (chance.chance(0.7)) await poll(history, true);
      if (chance.chance(0.3)) removeOne(history, () => true);
      step(history);
    }
    await comeToRest(history);
    const found = await reader.range(START - OVERLAP, cluster.now);
    for (const { name } of found) history.given.add(name);
    const there = new Set(cluster.visible().map(({ index, id }) => `es:${index}/${id}`));
    expect(missing(history).filter((name) => there.has(name))).toEqual([]);
  });

  it("of documents that are consumed is given whole, and nothing is left", async () => {
    const history = begin(seed, { consume: "delete" });
    await poll(history, false);
    for (let n = 0; n < STEPS; n++) {
      if (history.chance.chance(0.5)) write(history);
      if (history.chance.chance(0.7)) await poll(history, true);
      step(history);
    }
    await comeToRest(history);
    expect(missing(history)).toEqual([]);
    expect(history.cluster.visible()).toEqual([]);
  });

  it("of documents that change is given with the last state of each", async () => {
    const changed = { name: "changed", field: "changed_at", since: "origin" as const };
    const tracks = [...SETTINGS.tracks, changed];
    const history = begin(seed, { timeless: false, tracks });
    const { chance, cluster, reader, given } = history;
    const states = new Map<string, string>();
    await poll(history, false);
    for (let n = 0; n < STEPS; n++) {
      if (chance.chance(0.6)) change(history, states);
      if (chance.chance(0.7)) await poll(history, true);
      step(history);
      reader.skew = Math.min(reader.skew, 0);
    }
    await comeToRest(history);
    const wanted = [...states].map(([id, time]) => `es:log-1/${id}@${time}`);
    expect(wanted.filter((state) => !given.has(state))).toEqual([]);
    expect(cluster.visible()).toHaveLength(states.size);
  });
});

/** A document is made, or one that is there changes; searches see it at once. */
function change({ chance, cluster }: History, states: Map<string, string>): void {
  const id = `d${chance.below(20)}`;
  const source = cluster.visible().find((each) => each.id === id)?.source;
  const made = source?.["@timestamp"] ?? iso(cluster.now);
  cluster.write({ index: "log-1", id }, { "@timestamp": made, changed_at: iso(cluster.now) });
  states.set(id, iso(cluster.now));
}

/** A document goes between two polls at one moment: nothing can come late meanwhile. */
async function leave(history: History): Promise<void> {
  await poll(history, false);
  removeOne(history, ({ index, id }) => history.given.has(`es:${index}/${id}`));
  await poll(history, false);
}

function removeOne({ chance, cluster }: History, which: (document: Visible) => boolean): void {
  const there = cluster.visible().filter(which);
  if (there.length === 0) return;
  const { index, id } = chance.one(there);
  cluster.remove({ index, id });
}
