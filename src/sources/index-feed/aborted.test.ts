/** Polls that do not come to their end. */
import { beforeEach, describe, expect, it } from "vitest";
import { failureOf } from "../../elastic/cluster/testing/cluster.ts";
import { fail } from "../../errors.ts";
import { MemoryCluster } from "./testing/memory-cluster.ts";
import { FeedReader } from "./testing/reader.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");
const SECOND = 1000;
const MINUTE = 60_000;

let cluster: MemoryCluster;
let reader: FeedReader;

beforeEach(() => {
  cluster = new MemoryCluster(NOON);
  reader = new FeedReader(cluster);
});

const failOnce = (kind: string, at = 1) => {
  let count = 0;
  cluster.beforeCall = (each) => {
    if (each === kind && ++count === at)
      throw fail("REQUEST_FAILED", { component: "cluster lab", message: "a shard failed" });
  };
};

describe("a poll that does not come to its end", () => {
  beforeEach(async () => {
    await reader.poll();
    for (let n = 0; n < 10; n++) {
      cluster.writeNow(`d${n}`);
      cluster.now += SECOND;
    }
    cluster.now += MINUTE;
  });

  const all = Array.from({ length: 10 }, (_, n) => `d${n}`);

  it.each([1, 2, 3, 4])("because its consumer stops at page %i loses nothing", async (page) => {
    await reader.poll((_, count) => count < page);
    expect(cluster.open).toBe(0);
    await reader.poll();
    expect(new Set(reader.taken)).toEqual(new Set(all));
    expect(await reader.callsOfPoll()).toEqual(["search"]);
  });

  it("because it is aborted loses nothing, and says so", async () => {
    const abort = new AbortController();
    const stop = (_: unknown, count: number) => void (count === 2 && abort.abort());
    expect((await failureOf(reader.poll(stop, abort.signal))).code).toBe("REQUEST_FAILED");
    expect(cluster.open).toBe(0);
    expect(reader.taken).toHaveLength(6);
    await reader.poll();
    expect(new Set(reader.taken)).toEqual(new Set(all));
  });

  it.each(["search", "page"])("because a shard failed at a %s is an error", async (kind) => {
    const before = reader.cursor;
    failOnce(kind);
    expect((await failureOf(reader.poll())).message).toBe("a shard failed");
    expect(reader.cursor).toBe(before);
    expect(new Set(await reader.poll())).toEqual(new Set(all));
  });

  it("because a page cannot be stored gives that page again", async () => {
    const full = (_: unknown, count: number) => {
      if (count === 2) throw new RangeError("the disk is full");
    };
    await expect(reader.poll(full)).rejects.toThrow("the disk is full");
    expect(reader.taken).toEqual(["d0", "d1", "d2"]);
    await reader.poll();
    expect(new Set(reader.taken)).toEqual(new Set(all));
  });

  it("never has a cursor beyond the last document of its page", async () => {
    const seen: number[] = [];
    await reader.poll(({ items, cursor }) => {
      const { marks } = JSON.parse(cursor) as { marks: { created: number } };
      const last = items.at(-1)?.at;
      if (last !== undefined) seen.push(marks.created - last!);
    });
    expect(seen).toEqual([0, 0, 0, 0]);
  });

  it("says on each page how far reading has come", async () => {
    const to: number[] = [];
    await reader.poll(({ readTo }) => void to.push(readTo));
    expect(to).toEqual([NOON + 2000, NOON + 5000, NOON + 8000, NOON + 9000, cluster.now - 5000]);
  });
});
