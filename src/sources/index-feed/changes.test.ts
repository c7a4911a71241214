/** Documents that change and documents that vanish. */
import { beforeEach, describe, expect, it } from "vitest";
import { iso, MemoryCluster } from "./testing/memory-cluster.ts";
import { FeedReader, SETTINGS } from "./testing/reader.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");
const MINUTE = 60_000;
const HOUR = 3_600_000;

let cluster: MemoryCluster;
let reader: FeedReader;

beforeEach(() => {
  cluster = new MemoryCluster(NOON);
  reader = new FeedReader(cluster);
});

describe("documents that change", () => {
  const tracks = [
    ...SETTINGS.tracks,
    { name: "changed", field: "changed_at", since: "origin" as const },
  ];
  const change = (id: string, created: number) =>
    cluster.write({ id }, { "@timestamp": iso(created), changed_at: iso(cluster.now) });

  beforeEach(async () => {
    reader = new FeedReader(cluster, { tracks });
    await reader.poll();
    cluster.writeNow("a");
    cluster.writeNow("b");
    cluster.now += MINUTE;
    await reader.poll();
  });

  it("are given again each time, with the time at which they were made", async () => {
    for (let n = 0; n < 3; n++) {
      change("a", NOON);
      cluster.now += MINUTE;
      const times: unknown[] = [];
      expect(
        await reader.poll(({ items }) => void times.push(...items.map(({ at }) => at))),
      ).toEqual(["a"]);
      expect(times).toEqual([NOON]);
      expect(await reader.callsOfPoll()).toEqual(["search"]);
    }
  });

  it("are not followed when they were made before reading began", async () => {
    change("old", NOON - HOUR);
    change("young", NOON - MINUTE);
    cluster.now += MINUTE;
    // Once as a late one, with all that stands in the overlap, and once as a changed one.
    expect((await reader.poll()).toSorted()).toEqual(["a", "b", "young", "young"]);
  });

  it("are not followed for ever", async () => {
    cluster.now += 32 * 24 * HOUR;
    change("a", NOON);
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual([]);
  });
});

describe("documents that vanish", () => {
  beforeEach(async () => {
    await reader.poll();
    for (let n = 0; n < 4; n++) cluster.writeNow(`d${n}`);
    cluster.now += MINUTE;
    await reader.poll();
  });

  it("cost one more reading and nothing else", async () => {
    cluster.remove({ id: "d1" });
    expect(await reader.poll()).toEqual(["d0", "d2", "d3"]);
    expect(await reader.callsOfPoll()).toEqual(["search"]);
  });

  it("all of them, cost nothing", async () => {
    cluster.dropIndex("alerts");
    expect(await reader.callsOfPoll()).toEqual(["search"]);
    cluster.writeNow("new");
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual(["new"]);
  });
});
