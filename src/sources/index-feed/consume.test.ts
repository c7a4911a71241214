/** Documents that are deleted once they are durable. */
import { beforeEach, expect, it } from "vitest";
import { failureOf } from "../../elastic/cluster/testing/cluster.ts";
import { fail } from "../../errors.ts";
import { deleteHits } from "./consume.ts";
import { MemoryCluster } from "./testing/memory-cluster.ts";
import { FeedReader } from "./testing/reader.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");

let cluster: MemoryCluster;
let reader: FeedReader;

beforeEach(async () => {
  cluster = new MemoryCluster(NOON);
  reader = new FeedReader(cluster, { consume: "delete", timeless: true });
  await reader.poll();
  for (let n = 0; n < 5; n++) write(`d${n}`);
  cluster.now += 60_000;
});

function write(id: string): void {
  cluster.write({ id }, { "@timestamp": new Date(cluster.now).toISOString() });
}

const left = () => cluster.visible().map(({ id }) => id);

it("deletes what was taken, and then an idle poll is one request", async () => {
  cluster.write({ id: "timeless" }, { n: 1 });
  expect((await reader.poll()).toSorted()).toEqual(["d0", "d1", "d2", "d3", "d4", "timeless"]);
  expect(left()).toEqual([]);
  const before = cluster.calls.length;
  await reader.poll();
  expect(cluster.calls.slice(before)).toEqual(["search"]);
});

it("deletes nothing that was not taken", async () => {
  await reader.poll((_, count) => count < 2);
  expect(left()).toEqual(["d3", "d4"]);
  expect(await reader.poll()).toEqual(["d3", "d4"]);
});

it("deletes nothing of a page that nobody settled", async () => {
  for await (const { items } of reader.feed.poll(reader.cursor)) if (items.length === 0) break;
  expect(left()).toHaveLength(5);
});

it("keeps a document that was rewritten since it was read, and gives it again", async () => {
  await reader.poll(({ items }, count) => {
    if (count === 1) expect(items).toHaveLength(3);
    if (count === 1)
      cluster.write({ id: "d1" }, { "@timestamp": new Date(NOON).toISOString(), n: 2 });
  });
  expect(left()).toEqual(["d1"]);
  expect(await reader.poll()).toEqual(["d1"]);
  expect(left()).toEqual([]);
});

it("takes a document for deleted that somebody else deleted", async () => {
  await reader.poll((_, count) => void (count === 1 && cluster.remove({ id: "d0" })));
  expect(left()).toEqual([]);
});

it.each([
  [403, "security_exception: unauthorized", "CLUSTER_REFUSED", /privilege delete on alerts/],
  [403, "cluster_block_exception: index is read-only", "CLUSTER_REFUSED", /lift the block/],
  [429, "es_rejected_execution_exception: full", "REQUEST_FAILED", /tried again/],
  [503, "unavailable_shards_exception: down", "REQUEST_FAILED", /tried again/],
])(
  "says why a deletion was not done (%i, %s), and stores no cursor",
  async (status, words, code, hint) => {
    const before = reader.cursor;
    cluster.verdictOn = ({ kind }) => (kind === "delete" ? { status, error: words } : undefined);
    const error = await failureOf(reader.poll());
    expect(error).toMatchObject({ code, component: "cluster lab", data: { status } });
    expect(error.message).toBe(`deleting from alerts: ${words}`);
    expect(error.hint).toMatch(hint);
    expect(reader.cursor).toBe(before);
    cluster.verdictOn = () => undefined;
    expect(await reader.poll()).toEqual(["d0", "d1", "d2", "d3", "d4"]);
  },
);

it("names the smaller privilege when all writing is refused", async () => {
  cluster.beforeCall = (kind) => {
    const data = { reason: "unauthorized", status: 403 };
    const hint = "give the user or the key the privilege write on alerts";
    if (kind === "bulk")
      throw fail("CLUSTER_REFUSED", { component: "cluster lab", message: "no", hint, data });
  };
  const error = await failureOf(reader.poll());
  expect(error).toMatchObject({ code: "CLUSTER_REFUSED", message: "no", data: { status: 403 } });
  expect(error.hint).toMatch(/privilege delete on alerts/);
});

it("finds what comes later than any overlap", async () => {
  await reader.poll();
  cluster.write({ id: "very late" }, { "@timestamp": new Date(NOON).toISOString() });
  cluster.now += 24 * 3_600_000;
  expect(await reader.poll()).toEqual(["very late"]);
});

it("does not delete what was too long to be read", async () => {
  const kept = { _index: "alerts", _id: "d0", _source: {}, time: NOON, seqNo: 0, primaryTerm: 1 };
  await deleteHits(cluster.asCluster(), [
    { ...kept, cut: true },
    { ...kept, _id: "d1", seqNo: 1 },
  ]);
  expect(left()).toEqual(["d0", "d2", "d3", "d4"]);
});
