/** What polls and ranges give, where reading begins, and what an idle poll costs. */
import { beforeEach, describe, expect, it } from "vitest";
import { failureOf } from "../../elastic/cluster/testing/cluster.ts";
import { fail } from "../../errors.ts";
import { iso, MemoryCluster } from "./testing/memory-cluster.ts";
import { FeedReader, SETTINGS } from "./testing/reader.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");
/** The overlap, and a bucket more. */
const REACH = 600_100;
const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

let cluster: MemoryCluster;
let reader: FeedReader;

beforeEach(() => {
  cluster = new MemoryCluster(NOON);
  reader = new FeedReader(cluster);
});

describe("a poll", () => {
  it("gives what is new, oldest first, page after page until none is left", async () => {
    await reader.poll();
    for (let n = 0; n < 7; n++) cluster.writeAt(`d${n}`, NOON + ((n * 3) % 7) * SECOND);
    cluster.now += MINUTE;
    const sizes: number[] = [];
    const ids = await reader.poll(({ items }) => void sizes.push(items.length));
    expect(ids).toEqual(["d0", "d5", "d3", "d1", "d6", "d4", "d2"]);
    expect(sizes).toEqual([3, 3, 1, 0]);
    expect(reader.readTo).toBe(cluster.now - 5 * SECOND);
  });

  it("names an item, says when it was made and gives its document", async () => {
    await reader.poll();
    cluster.writeNow("d0", 0, { "rule.name": "x" });
    cluster.now += MINUTE;
    const source = { "@timestamp": iso(NOON), "rule.name": "x" };
    const pages: unknown[] = [];
    await reader.poll(({ items }) => void pages.push(...items));
    expect(pages).toEqual([
      {
        name: "es:alerts/d0",
        at: NOON,
        document: { _index: "alerts", _id: "d0", _source: source },
      },
    ]);
  });

  it("that finds nothing is one request", async () => {
    cluster.writeNow("d0");
    cluster.now += MINUTE;
    await reader.poll();
    for (let n = 0; n < 30; n++) {
      cluster.now += MINUTE;
      expect(await reader.callsOfPoll()).toEqual(["search"]);
      expect(reader.readTo).toBe(cluster.now - 5 * SECOND);
    }
  });

  it("that finds nothing is one request after a start too, with an empty overlap", async () => {
    expect(await reader.callsOfPoll()).toEqual(["search"]);
  });

  it("reads only what is new while nothing is late", async () => {
    await reader.poll();
    for (let n = 0; n < 20; n++) {
      cluster.writeNow(`d${n}`);
      cluster.now += 30 * SECOND;
      expect(await reader.poll()).toEqual([`d${n}`]);
    }
  });

  it("leaves what is younger than the settling time to the next", async () => {
    await reader.poll();
    cluster.writeNow("d0");
    cluster.now += 4 * SECOND;
    expect(await reader.poll()).toEqual([]);
    cluster.now += 2 * SECOND;
    expect(await reader.poll()).toEqual(["d0"]);
  });

  it("gives every document of one time, over many pages and a restart between them", async () => {
    await reader.poll();
    for (let n = 0; n < 50; n++) cluster.writeNow(`d${n}`);
    cluster.now += MINUTE;
    await reader.poll((_, count) => count < 5);
    expect(new Set(reader.taken).size).toBe(12);
    reader.reopen();
    await reader.poll();
    expect(new Set(reader.taken).size).toBe(50);
  });

  it("reads nothing on a track whose field no index has", async () => {
    const changed = { name: "changed", field: "changed_at" };
    reader = new FeedReader(cluster, { tracks: [...SETTINGS.tracks, changed] });
    cluster.writeNow("d0");
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual(["d0"]);
    expect(await reader.callsOfPoll()).toEqual(["search"]);
  });

  it("only gives what its conditions allow", async () => {
    const filter = [{ term: { kept: true } }];
    reader = new FeedReader(cluster, { filter });
    cluster.writeNow("a", 0, { kept: true });
    cluster.writeNow("b", 0, { kept: false });
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual(["a"]);
  });
});

describe("where reading begins", () => {
  it("is the first poll, and the overlap before it", async () => {
    cluster.writeAt("old", NOON - 11 * MINUTE);
    cluster.writeAt("young", NOON - 9 * MINUTE);
    expect(await reader.poll()).toEqual(["young"]);
    expect(reader.feed.originOf(reader.cursor!)).toBe(NOON - REACH);
  });

  it("stays where it is when the first reading fails for hours", async () => {
    cluster.beforeCall = () => {
      throw fail("REQUEST_FAILED", { component: "cluster lab", message: "it is down" });
    };
    await expect(reader.poll()).rejects.toThrow("it is down");
    cluster.beforeCall = () => undefined;
    cluster.writeNow("d0");
    cluster.now += 3 * HOUR;
    reader.reopen();
    expect(await reader.poll()).toEqual(["d0"]);
    expect(reader.feed.originOf(reader.cursor!)).toBe(NOON - REACH);
  });

  it.each([{ kind: "at", time: NOON - HOUR } as const, { kind: "ago", duration: HOUR } as const])(
    "is what is asked for: $kind",
    async (startTime) => {
      reader = new FeedReader(cluster, { startTime });
      cluster.writeAt("old", NOON - 2 * HOUR);
      cluster.writeAt("young", NOON - 50 * MINUTE);
      expect(await reader.poll()).toEqual(["young"]);
    },
  );

  it("is as for the first time when the cursor cannot be read", async () => {
    reader.cursor = '{"v":9}';
    cluster.writeAt("young", NOON - 9 * MINUTE);
    expect(await reader.poll()).toEqual(["young"]);
    expect(reader.feed.originOf('{"v":9}')).toBe(NOON - REACH);
  });

  it("stays where it is when the clock is set back", async () => {
    cluster.writeAt("old", NOON - HOUR);
    await reader.poll();
    reader.skew = -8 * MINUTE;
    expect(await reader.poll()).toEqual([]);
    reader.skew = 0;
    cluster.writeNow("d0");
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual(["d0"]);
  });

  it("that is yet to come is an error, and nothing is said to be read", async () => {
    reader.skew = 24 * HOUR;
    await reader.poll();
    reader.skew = 0;
    const calls = cluster.calls.length;
    const error = await failureOf(reader.poll());
    expect(error).toMatchObject({ code: "REQUEST_FAILED", component: "source alerts" });
    expect(error.message).toMatch(/began at 2026-05-06T12:00:00.000Z, which is yet to come/);
    expect(cluster.calls).toHaveLength(calls);
  });

  it("may be asked for in time to come", async () => {
    reader = new FeedReader(cluster, { startTime: { kind: "at", time: NOON + HOUR } });
    cluster.writeNow("d0");
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual([]);
    cluster.now += HOUR;
    cluster.writeNow("d1");
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual(["d1"]);
  });
});

describe("a range", () => {
  beforeEach(() => {
    for (let n = 0; n < 5; n++)
      cluster.write({ id: `d${n}` }, { "@timestamp": iso(NOON + n), n, m: n });
  });

  it("gives what was made in it, in pages", async () => {
    const items = await reader.range(NOON + 1, NOON + 4);
    expect(items.map(({ name, at }) => [name, at])).toEqual(
      [1, 2, 3].map((n) => [`es:alerts/d${n}`, NOON + n]),
    );
    expect(items[0]?.document["_source"]).toEqual({ "@timestamp": iso(NOON + 1), n: 1, m: 1 });
  });

  it("gives only the fields of the identity when that is enough", async () => {
    reader = new FeedReader(cluster, { identityFields: ["n"] });
    const [item] = await reader.range(NOON + 1, NOON + 2, false);
    expect(item?.document["_source"]).toEqual({ n: 1 });
    const [whole] = await reader.range(NOON + 1, NOON + 2, true);
    expect(whole?.document["_source"]).toMatchObject({ m: 1 });
  });
});
