/** Documents without a time, followed by their numbers, index by index. */
import { beforeEach, describe, expect, it } from "vitest";
import { MemoryCluster } from "./testing/memory-cluster.ts";
import { FeedReader } from "./testing/reader.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");

let cluster: MemoryCluster;
let reader: FeedReader;

beforeEach(() => {
  cluster = new MemoryCluster(NOON);
  reader = new FeedReader(cluster, { timeless: true, index: "act*", size: 2 });
});

function write(id: string, more: { delay?: number; shard?: number; index?: string } = {}): void {
  cluster.write({ index: "act-1", id, ...more }, { "rule.name": id });
}

const idsOf = (names: readonly string[]) => names.map((name) => name.split("/")[1]);
const poll = async () => idsOf(await reader.poll());

it("are read in their order, and only new ones after", async () => {
  for (const id of ["c", "a", "b"]) write(id);
  expect(await poll()).toEqual(["c", "a", "b"]);
  expect(await reader.callsOfPoll()).toEqual(["search"]);
  write("d");
  expect(await poll()).toEqual(["d"]);
  expect(await reader.callsOfPoll()).toEqual(["search"]);
});

it("say nothing of when they were made, and are no part of what has a time", async () => {
  write("a");
  cluster.write({ index: "act-1", id: "b" }, { "@timestamp": new Date(NOON).toISOString() });
  cluster.now += 60_000;
  const times: unknown[] = [];
  await reader.poll(({ items }) => void times.push(...items.map(({ name, at }) => [name, at])));
  expect(times).toEqual([
    ["es:act-1/a", null],
    ["es:act-1/b", NOON],
  ]);
});

it("are not looked for where they cannot be", async () => {
  reader = new FeedReader(cluster, { index: "act*" });
  write("a");
  expect(await poll()).toEqual([]);
  expect(await reader.range(0, NOON)).toEqual([]);
});

it("are given when the conditions allow it", async () => {
  const filter = [{ term: { "rule.name": "b" } }];
  reader = new FeedReader(cluster, { timeless: true, index: "act*", filter });
  for (const id of ["a", "b", "c"]) write(id);
  expect(await poll()).toEqual(["b"]);
  expect(await reader.callsOfPoll()).toEqual(["search"]);
});

it("go on after a restart where the last page ended", async () => {
  for (let n = 0; n < 6; n++) write(`d${n}`);
  await reader.poll((_, count) => count < 4);
  reader.reopen();
  expect(await poll()).toEqual(["d4", "d5"]);
  expect(await reader.callsOfPoll()).toEqual(["search"]);
});

it("that become visible after a later one are found", async () => {
  write("late", { delay: 60_000 });
  write("a");
  expect(await poll()).toEqual(["a"]);
  cluster.now += 60_000;
  expect(await poll()).toContain("late");
  expect(await reader.callsOfPoll()).toEqual(["search"]);
});

it("of another shard have numbers of their own, and are found", async () => {
  for (let n = 0; n < 5; n++) write(`a${n}`);
  await reader.poll();
  write("b0", { shard: 1 });
  write("b1", { shard: 1 });
  const ids = await poll();
  expect(ids).toEqual(expect.arrayContaining(["b0", "b1"]));
  expect(await reader.callsOfPoll()).toEqual(["search"]);
});

it("that come while others vanish are found", async () => {
  for (const id of ["a", "b", "c"]) write(id);
  await reader.poll();
  cluster.remove({ index: "act-1", id: "b" });
  write("d");
  expect(await poll()).toContain("d");
  expect(await reader.callsOfPoll()).toEqual(["search"]);
});

it("that come between the glance and the reading cost the next poll nothing", async () => {
  write("a");
  await reader.poll();
  write("b");
  cluster.beforeCall = (kind) =>
    void (kind === "sequence" && cluster.calls.length < 6 && write("c"));
  expect(await poll()).toEqual(["b", "c"]);
  cluster.beforeCall = () => undefined;
  expect(await reader.callsOfPoll()).toEqual(["search"]);
});

it("are given again when they were rewritten", async () => {
  for (const id of ["a", "b"]) write(id);
  await reader.poll();
  write("a");
  expect(await poll()).toContain("a");
  expect(await reader.callsOfPoll()).toEqual(["search"]);
});

describe("an index", () => {
  beforeEach(async () => {
    for (const id of ["a", "b"]) write(id);
    await reader.poll();
  });

  it("that is new is read from its beginning", async () => {
    write("a", { index: "act-2" });
    expect(await reader.poll()).toEqual(["es:act-2/a"]);
  });

  it("that is gone is forgotten, and read from its beginning when it comes again", async () => {
    cluster.dropIndex("act-1");
    expect(await reader.callsOfPoll()).toEqual(["search"]);
    expect(reader.cursor).not.toContain("act-1");
    for (const id of ["x", "y"]) write(id);
    expect(await poll()).toEqual(["x", "y"]);
  });
});

it("are left out of a range where that is asked for", async () => {
  write("a");
  expect(await reader.range(0, 1, true, false)).toEqual([]);
});

it("are all a part of every range", async () => {
  for (const id of ["a", "b", "c"]) write(id);
  write("d", { index: "act-2" });
  const items = await reader.range(0, 1);
  expect(items.map(({ name, at }) => [name, at])).toEqual(
    ["act-1/a", "act-1/b", "act-1/c", "act-2/d"].map((name) => [`es:${name}`, null]),
  );
});
