/** What is visible late, under clocks that go right and wrong. */
import { beforeEach, describe, expect, it } from "vitest";
import { MemoryCluster } from "./testing/memory-cluster.ts";
import { FeedReader } from "./testing/reader.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");
const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

let cluster: MemoryCluster;
let reader: FeedReader;

beforeEach(() => {
  cluster = new MemoryCluster(NOON);
  reader = new FeedReader(cluster);
});

describe("a late document", () => {
  beforeEach(async () => void (await reader.poll()));

  it.each([6 * SECOND, 3 * MINUTE, 10 * MINUTE])("is found after %i ms", async (delay) => {
    cluster.writeNow("late", delay);
    for (let passed = 0; passed < delay; passed += 30 * SECOND) {
      cluster.now += 1;
      cluster.writeNow(`d${passed}`);
      cluster.now += 30 * SECOND - 1;
      await reader.poll();
    }
    cluster.now += 6 * SECOND;
    await reader.poll();
    expect(reader.taken).toContain("late");
    expect(await reader.callsOfPoll()).toEqual(["search"]);
  });

  it("is found hours later when nothing came since", async () => {
    cluster.writeNow("late", 5 * HOUR);
    for (let n = 0; n < 10; n++) {
      cluster.now += 30 * MINUTE;
      await reader.poll();
    }
    expect(reader.taken).toEqual(["late"]);
  });

  it("is found when it becomes visible between the glance and the reading", async () => {
    cluster.writeNow("d0");
    cluster.now += SECOND;
    cluster.writeNow("late", 2 * MINUTE);
    cluster.now += MINUTE;
    cluster.beforeCall = (kind) => kind === "page" && (cluster.now += MINUTE);
    await reader.poll();
    cluster.beforeCall = () => undefined;
    await reader.poll();
    expect(reader.taken).toEqual(expect.arrayContaining(["d0", "late"]));
  });

  it("is found after a restart, when nobody remembers the counts", async () => {
    cluster.writeNow("late", 5 * MINUTE);
    cluster.now += MINUTE;
    cluster.writeNow("d0");
    cluster.now += MINUTE;
    await reader.poll();
    cluster.now += 4 * MINUTE;
    reader.reopen();
    expect(await reader.poll()).toContain("late");
  });

  it("is found when it is as late as it may be, and the clock runs ahead of the newest one", async () => {
    reader.skew = MINUTE;
    cluster.now += 50;
    cluster.writeNow("late", 10 * MINUTE);
    cluster.now += 10 * MINUTE - 1;
    cluster.writeNow("d0");
    await reader.poll();
    cluster.now += 1;
    expect(await reader.poll()).toContain("late");
  });

  it("is found when nobody took the last page of the poll before", async () => {
    cluster.writeNow("late", 2 * MINUTE);
    cluster.writeNow("d0");
    cluster.now += SECOND;
    cluster.writeNow("d1");
    cluster.now += MINUTE;
    await reader.poll(({ items }) => items.length > 0);
    expect(await reader.poll()).toEqual(["d1"]);
    cluster.now += MINUTE;
    expect(await reader.poll()).toContain("late");
  });

  it("that takes the place of another one is not found by polling, and is by comparing", async () => {
    cluster.writeNow("gone");
    cluster.writeNow("late", 2 * MINUTE);
    cluster.now += SECOND;
    cluster.writeNow("d0");
    cluster.now += MINUTE;
    await reader.poll();
    cluster.remove({ id: "gone" });
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual([]);
    const names = (await reader.range(NOON, NOON + HOUR)).map(({ name }) => name);
    expect(names).toEqual(["es:alerts/late", "es:alerts/d0"]);
  });
});

describe("a clock", () => {
  beforeEach(async () => void (await reader.poll()));

  it.each([2 * MINUTE, HOUR, 24 * HOUR])(
    "that is %i ms ahead for a while leads past nothing",
    async (ahead) => {
      reader.skew = ahead;
      for (let n = 0; n < 5; n++) {
        cluster.writeNow(`d${n}`, 30 * SECOND);
        cluster.now += MINUTE;
        await reader.poll();
      }
      reader.skew = 0;
      cluster.writeNow("last");
      cluster.now += MINUTE;
      await reader.poll();
      expect(new Set(reader.taken)).toEqual(new Set(["d0", "d1", "d2", "d3", "d4", "last"]));
    },
  );

  it("that is behind delays, and loses nothing", async () => {
    cluster.writeNow("d0");
    cluster.now += MINUTE;
    await reader.poll();
    reader.skew = -2 * MINUTE;
    cluster.writeNow("d1");
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual([]);
    cluster.now += 2 * MINUTE;
    expect(await reader.poll()).toContain("d1");
  });

  it("that is months behind for a moment does not lead to reading everything again", async () => {
    reader = new FeedReader(cluster, { startTime: { kind: "ago", duration: 90 * 24 * HOUR } });
    for (let n = 0; n < 90; n++) cluster.writeAt(`d${n}`, NOON - n * 24 * HOUR);
    cluster.now += MINUTE;
    expect(await reader.poll()).toHaveLength(90);
    reader.skew = -60 * 24 * HOUR;
    await reader.poll();
    reader.skew = 0;
    cluster.writeNow("last");
    cluster.now += MINUTE;
    expect(await reader.poll()).toEqual(["d0", "last"]);
  });

  it("that is corrected after a document from the future was read loses nothing", async () => {
    reader.skew = HOUR;
    cluster.writeAt("future", NOON + 50 * MINUTE);
    await reader.poll();
    expect(reader.taken).toEqual(["future"]);
    reader.skew = 0;
    cluster.now += MINUTE;
    await reader.poll();
    cluster.writeNow("d0", 20 * SECOND);
    cluster.now += 10 * SECOND;
    await reader.poll();
    cluster.now += 40 * MINUTE;
    await reader.poll();
    expect(reader.taken).toContain("d0");
  });
});
