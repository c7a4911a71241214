/** The calls of the client of clusters, answered by a real engine. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openCluster,
  type BulkOperation,
  type ElasticCluster,
  type ElasticHit,
  type SequenceRequest,
} from "../../src/elastic/cluster/cluster.ts";
import { clusterSettings } from "../../src/elastic/cluster/settings.ts";
import { describeSupport } from "../../src/elastic/cluster/support.ts";
import { createHttp } from "../../src/net/client.ts";
import type { Http } from "../../src/net/http.ts";
import type { JsonObject } from "../../src/receipt/json.ts";
import type { Engine } from "./distribution.ts";
import { describeEngines, START_TIMEOUT } from "./engines.ts";
import { startSearchEngine, type SearchEngine } from "./search-engine.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");
const USER = { name: "writer", password: "writer-s3cret" };

describeEngines(testCluster);

function testCluster(engine: Engine): void {
  // The distribution of OpenSearch has no security plugin.
  const user = engine.flavour === "elasticsearch" ? USER : undefined;
  let server: SearchEngine;
  let http: Http;
  let lab: ElasticCluster;

  const open = (url: string | readonly string[], password = USER.password) => {
    const credentials = user && { username: user.name, password };
    const settings = clusterSettings.parse({ url, timeout: "60s", ...credentials });
    return openCluster(settings, { name: "lab", http });
  };

  beforeAll(async () => {
    server = await startSearchEngine({ ...engine, ...(user && { user }) });
    const egress = { allow: [], deny: [] };
    const limits = { connections: 2, longestAnswer: 1e8, timeout: 60_000 };
    http = createHttp({ component: "cluster lab", egress, ...limits });
    lab = open(server.url);
  }, START_TIMEOUT);
  afterAll(async () => {
    await http?.close();
    await server?.stop();
  });

  /** What the client has no call for. */
  async function put(path: string, body: object): Promise<void> {
    const headers = {
      "content-type": "application/json",
      ...(user && { authorization: `Basic ${btoa(`${user.name}:${user.password}`)}` }),
    };
    const request = { method: "PUT", url: `${server.url}${path}`, headers };
    const { status, body: said } = await http.request({ ...request, body: JSON.stringify(body) });
    expect(status, said).toBe(200);
  }

  async function createIndex(name: string, shards: number, more: object = {}): Promise<void> {
    const settings = { number_of_shards: shards, number_of_replicas: 0 };
    await put(`/${name}`, { settings, ...more });
  }

  async function store(index: string, documents: readonly JsonObject[]): Promise<void> {
    const operations = documents.map((document, n): BulkOperation => {
      return { kind: "create", index, id: `d${n}`, document };
    });
    const verdicts = await lab.bulk(operations, { refresh: true });
    expect(verdicts.filter(({ error }) => error !== null)).toEqual([]);
  }

  async function readAll(pages: AsyncIterable<readonly ElasticHit[]>): Promise<ElasticHit[]> {
    const hits: ElasticHit[] = [];
    for await (const page of pages) hits.push(...page);
    return hits;
  }

  it("knows its version, flavour and licence", async () => {
    const info = await lab.info();
    expect(info).toEqual({ version: engine.version, flavour: engine.flavour });
    expect(describeSupport(info)).toBeNull();
    // It makes its licence a moment after it serves.
    const license = engine.flavour === "elasticsearch" ? "basic" : null;
    await expect.poll(() => lab.license(), { timeout: 30_000 }).toBe(license);
  }, 60_000);

  it("stores documents, finds them, counts them", async () => {
    const place = { index: "calls", id: "a/ü 1" };
    expect(await lab.index({ ...place, document: { n: 1 } }, { refresh: true })).toEqual(place);
    const made = await lab.index({ index: "calls", document: { n: 2 } }, { refresh: true });
    expect(made).toMatchObject({ index: "calls", id: expect.stringMatching(/./) });
    expect(await lab.count({ index: "calls", query: { match_all: {} } })).toBe(2);
    const found = await lab.search({ index: "calls", body: { query: { term: { n: 1 } } } });
    expect(found).toMatchObject({ hits: { hits: [{ _id: "a/ü 1", _source: { n: 1 } }] } });
  });

  it("says of each operation of a bulk what came of it", async () => {
    const at = (id: string) => ({ index: "bulk", id });
    await lab.bulk([{ kind: "create", ...at("1"), document: { n: 1 } }], { refresh: true });
    const verdicts = await lab.bulk([
      { kind: "create", ...at("1"), document: { n: 2 } },
      { kind: "index", ...at("2"), document: { n: 3 } },
      { kind: "index", index: "bulk", document: { n: 4 } },
      { kind: "delete", ...at("1"), seqNo: 99, primaryTerm: 1 },
      { kind: "delete", ...at("none"), seqNo: 0, primaryTerm: 1 },
    ]);
    expect(verdicts.map(({ status }) => status)).toEqual([409, 201, 201, 409, 409]);
    expect(verdicts[0]?.error).toMatch(/^version_conflict_engine_exception: /);
  });

  it("deletes what was read, and not what was rewritten since", async () => {
    await createIndex("consumed", 1);
    const time = { "@timestamp": "2026-05-05T12:00:00Z" };
    await store("consumed", [
      { ...time, n: 0 },
      { ...time, n: 1 },
    ]);
    const range = { index: "consumed", since: NOON, until: NOON + 1, versions: true };
    const hits = await readAll(lab.readRange(range));
    const document = { ...time, n: 2 };
    await lab.index({ index: "consumed", id: "d1", document }, { refresh: true });
    const verdicts = await lab.bulk(
      hits.map(({ _index, _id, seqNo = -1, primaryTerm = -1 }) => {
        return { kind: "delete", index: _index, id: _id, seqNo, primaryTerm };
      }),
      { refresh: true },
    );
    expect(verdicts.map(({ status }) => status)).toEqual([200, 409]);
    expect(await readAll(lab.readRange(range))).toMatchObject([{ _id: "d1", _source: { n: 2 } }]);
  });

  it("gives only the fitting documents of a range, and only the parts of them", async () => {
    const time = { "@timestamp": "2026-05-05T12:00:00Z" };
    await store("parts", [
      { ...time, "rule.name": "flat", kind: "x", n: 1 },
      { ...time, rule: { name: "nested", id: "1" }, kind: "x", n: 2 },
      { ...time, kind: "y", n: 3 },
    ]);
    const range = { index: "parts", since: NOON, until: NOON + 1 };
    const filter = [{ term: { kind: "x" } }];
    const hits = await readAll(lab.readRange({ ...range, filter, source: ["rule.name"] }));
    const sources = hits.map(({ _source }) => _source);
    expect(sources).toEqual([{ "rule.name": "flat" }, { rule: { name: "nested" } }]);
    const bare = await readAll(lab.readRange({ ...range, source: [] }));
    expect(bare.map(({ _source }) => _source)).toEqual([{}, {}, {}]);
  });

  describe("documents without a time", () => {
    const COUNT = 500;
    const all = { index: "timeless", after: -1, without: "@timestamp", pageSize: 50 } as const;
    beforeAll(async () => {
      await createIndex("timeless", 3);
      const timed = (n: number) => (n % 10 === 0 ? { "@timestamp": "2026-05-05T12:00:00Z" } : {});
      await store(
        "timeless",
        Array.from({ length: COUNT }, (_, n) => ({ n, ...timed(n) })),
      );
      // Not one document of this index has the field, so it is not mapped either.
      await createIndex("unmapped", 1);
      await store("unmapped", [{ n: 0 }, { n: 1 }, { n: 2 }]);
      await createIndex("untouched", 1);
    });

    const numbersOf = async (request: SequenceRequest) =>
      (await readAll(lab.readSequence(request))).map(({ seqNo = -1 }) => seqNo);

    it("are read once each, by their numbers, though shards count by themselves", async () => {
      const hits = await readAll(lab.readSequence(all));
      const numbers = hits.map(({ seqNo = -1 }) => seqNo);
      expect(new Set(hits.map(({ _id }) => _id)).size).toBe(COUNT * 0.9);
      expect(hits).toHaveLength(COUNT * 0.9);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(new Set(numbers).size).toBeLessThan(hits.length);
      expect(hits[0]).toMatchObject({ primaryTerm: 1, time: Number.NaN });
    });

    it("are read from a number on", async () => {
      const numbers = await numbersOf(all);
      const after = numbers[200] ?? -1;
      expect(await numbersOf({ ...all, after })).toEqual(numbers.filter((each) => each > after));
    });

    it.each([
      ["unmapped", [0, 1, 2]],
      ["untouched", []],
    ])("are read from an index that is %s", async (index, numbers) => {
      expect(await numbersOf({ ...all, index })).toEqual(numbers);
    });

    it("are counted in one search, by index, with their numbers", async () => {
      const timeless = { bool: { must_not: [{ exists: { field: "@timestamp" } }] } };
      const numbers = { stats: { field: "_seq_no" } };
      const indices = { terms: { field: "_index", size: 100 }, aggs: { numbers } };
      const answer = await lab.search({
        index: "timeless,unmapped,untouched",
        body: {
          size: 0,
          track_total_hits: false,
          aggs: { timeless: { filter: timeless, aggs: { indices } } },
        },
      });
      const read = await numbersOf(all);
      const sum = read.reduce((total, each) => total + each, 0);
      expect(answer).toMatchObject({
        aggregations: {
          timeless: {
            doc_count: read.length + 3,
            indices: {
              buckets: [
                { key: "timeless", numbers: { count: read.length, sum, max: Math.max(...read) } },
                { key: "unmapped", numbers: { count: 3, sum: 3, max: 2 } },
              ],
            },
          },
        },
      });
    });
  });

  it("lists indices: by pattern and alias, hidden ones too, none where nothing fits", async () => {
    await createIndex("list-a", 1, { aliases: { listed: {} } });
    await put("/list-b", { settings: { number_of_replicas: 0, hidden: true } });
    await store("list-a", [{ n: 1 }, { n: 2 }]);
    expect(await lab.listIndices("list-*")).toEqual([
      { name: "list-a", documents: 2 },
      { name: "list-b", documents: 0 },
    ]);
    expect(await lab.listIndices("listed")).toEqual([{ name: "list-a", documents: 2 }]);
    expect(await lab.listIndices("nowhere-*")).toEqual([]);
    expect(await lab.listIndices("nowhere")).toEqual([]);
  });

  it("knows how fields are mapped", async () => {
    const properties = { "@timestamp": { type: "date" }, host: { type: "keyword" } };
    await createIndex("mapped-a", 1, { mappings: { properties } });
    await createIndex("mapped-b", 1, { mappings: { properties: { host: { type: "ip" } } } });
    const types = await lab.fieldTypes("mapped-*", ["@timestamp", "host", "nothing"]);
    expect(types.get("@timestamp")).toEqual(["date"]);
    expect(types.get("host")?.toSorted()).toEqual(["ip", "keyword"]);
    expect(types.has("nothing")).toBe(false);
  });

  it.each([
    ["a search", () => lab.search({ index: "nowhere", body: {} })],
    ["a search by pattern", () => lab.search({ index: "nowhere-*", body: {} })],
    ["a count", () => lab.count({ index: "nowhere", query: { match_all: {} } })],
    ["a count by pattern", () => lab.count({ index: "nowhere-*", query: { match_all: {} } })],
    ["fields", () => lab.fieldTypes("nowhere", ["host"])],
    ["fields by pattern", () => lab.fieldTypes("nowhere-*", ["host"])],
    ["a sequence", () => readAll(lab.readSequence({ index: "nowhere", after: -1, without: "x" }))],
  ])("says of %s that the index is not there", async (_what, ask) => {
    await expect(ask()).rejects.toMatchObject({
      code: "NOT_FOUND",
      component: "cluster lab",
      data: { reason: "index_missing" },
    });
  });

  it("knows what the credentials may do", async () => {
    const wanted = { cluster: ["monitor"], indices: [{ names: ["x-*"], privileges: ["read"] }] };
    const granted = await lab.privileges(wanted);
    if (!user) return expect(granted).toBeNull();
    expect(granted?.user).toBe(user.name);
    expect(granted?.cluster.get("monitor")).toBe(true);
    expect(granted?.indices.get("x-*")?.get("read")).toBe(true);
  });

  describe("with a node that answers nothing", () => {
    let broken: Server;
    let cluster: ElasticCluster;
    beforeAll(async () => {
      broken = createServer((_request, response) => response.destroy());
      await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
      const { port } = broken.address() as AddressInfo;
      cluster = open([`http://127.0.0.1:${port}`, server.url]);
    });
    afterAll(() => void broken.close());

    it("works with the other", async () => {
      for (const n of [1, 2, 3])
        await cluster.index({ index: "nodes", id: `${n}`, document: { n } }, { refresh: true });
      expect(await cluster.count({ index: "nodes", query: { match_all: {} } })).toBe(3);
    });
  });

  if (user)
    it("does not say a password that is refused", async () => {
      const error: unknown = await open(server.url, "wr0ng-password")
        .bulk([{ kind: "create", index: "x", id: "1", document: {} }])
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "CLUSTER_REFUSED", data: { reason: "unauthorized" } });
      expect(JSON.stringify([String(error), error])).not.toMatch(/wr0ng/);
    });
}
