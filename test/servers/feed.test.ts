/** Feeds over indices of a real engine. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  openCluster,
  type BulkOperation,
  type ElasticCluster,
} from "../../src/elastic/cluster/cluster.ts";
import { clusterSettings } from "../../src/elastic/cluster/settings.ts";
import { failureOf } from "../../src/elastic/cluster/testing/cluster.ts";
import { createHttp } from "../../src/net/client.ts";
import type { Http } from "../../src/net/http.ts";
import type { JsonObject } from "../../src/receipt/json.ts";
import type { IndexFeedSettings } from "../../src/sources/index-feed/index.ts";
import { FeedReader } from "../../src/sources/index-feed/testing/reader.ts";
import type { Engine } from "./distribution.ts";
import { describeEngines, START_TIMEOUT } from "./engines.ts";
import { startSearchEngine, type SearchEngine } from "./search-engine.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");
const MINUTE = 60_000;
const BOSS = { name: "boss", password: "boss-s3cret", role: "superuser" };
const READER = { name: "reader", password: "reader-s3cret", role: "reads" };
const WRITER = { name: "writer", password: "writer-s3cret", role: "adds" };
const allowed = (...privileges: string[]) => ({
  cluster: [],
  indices: [{ names: ["*"], privileges }],
});
const ROLES = { reads: allowed("read"), adds: allowed("read", "create") };

const iso = (time: number) => new Date(time).toISOString();

describeEngines(testFeeds);

function testFeeds(engine: Engine): void {
  // The distribution of OpenSearch has no security plugin.
  const secured = engine.flavour === "elasticsearch";
  /** Paths of requests. */
  const calls: string[] = [];
  let server: SearchEngine;
  let http: Http;
  let lab: ElasticCluster;
  let now = NOON;

  beforeAll(async () => {
    const security = secured && { users: [BOSS, READER, WRITER], roles: ROLES };
    server = await startSearchEngine({ ...engine, ...security });
    const egress = { allow: [], deny: [] };
    const limits = { connections: 2, longestAnswer: 1e8, timeout: 60_000 };
    http = createHttp({ component: "cluster lab", egress, ...limits });
    lab = open(BOSS);
  }, START_TIMEOUT);
  afterAll(async () => {
    await http?.close();
    await server?.stop();
  });
  beforeEach(() => void (now = NOON));

  function open({ name, password }: { name: string; password: string }): ElasticCluster {
    const credentials = secured && { username: name, password };
    const settings = clusterSettings.parse({ url: server.url, timeout: "60s", ...credentials });
    const request: Http["request"] = async (sent) => {
      calls.push(new URL(sent.url).pathname);
      return await http.request(sent);
    };
    return openCluster(settings, { name: "lab", http: { ...http, request } });
  }

  function readerOf(settings: Partial<IndexFeedSettings>, cluster = lab): FeedReader {
    const place = { calls, asCluster: () => cluster };
    return new FeedReader(
      Object.defineProperty({ ...place, now }, "now", { get: () => now }),
      settings,
    );
  }

  /** What the client has no call for. */
  async function ask(method: string, path: string, body?: object): Promise<void> {
    const authorization = `Basic ${btoa(`${BOSS.name}:${BOSS.password}`)}`;
    const headers = { "content-type": "application/json", ...(secured && { authorization }) };
    const sent = {
      method,
      url: `${server.url}${path}`,
      headers,
      body: body && JSON.stringify(body),
    };
    const answer = await http.request(sent);
    expect(answer.status, answer.body).toBe(200);
  }

  async function createIndex(name: string, type = "date", more: object = {}): Promise<void> {
    const settings = { number_of_shards: 3, number_of_replicas: 0 };
    const mappings = { properties: { "@timestamp": { type } } };
    await ask("PUT", `/${name}`, { settings, mappings, ...more });
  }

  /** Documents by id; they can be found at once. */
  async function store(
    index: string,
    documents: Readonly<Record<string, JsonObject>>,
  ): Promise<void> {
    const operations = Object.entries(documents).map(([id, document]): BulkOperation => ({
      kind: "index",
      index,
      id,
      document,
    }));
    const verdicts = await lab.bulk(operations, { refresh: true });
    expect(verdicts.filter(({ error }) => error !== null)).toEqual([]);
  }

  const refresh = async (index: string) => await ask("POST", `/${index}/_refresh`);
  const made = (time: number): JsonObject => ({ "@timestamp": iso(time) });
  const namesOf = (index: string, ...ids: readonly string[]) =>
    ids.map((id) => `es:${index}/${id}`);

  describe.each(["date", "date_nanos"])("documents with a %s", (type) => {
    const index = `times-${type}`;
    let reader: FeedReader;

    beforeAll(async () => {
      await createIndex(index, type);
      reader = readerOf({ index, size: 2 });
      await reader.poll();
    });

    it("are given in order, and an idle poll is one request", async () => {
      await store(index, {
        a: made(NOON + 2),
        b: made(NOON),
        c: made(NOON + 1),
        d: made(NOON + 99),
      });
      now += MINUTE;
      expect(await reader.poll()).toEqual(namesOf(index, "b", "c", "a", "d"));
      expect(await reader.callsOfPoll()).toEqual([`/${index}/_search`]);
      now += MINUTE;
      expect(await reader.callsOfPoll()).toEqual([`/${index}/_search`]);
    });

    it("are found when they come late, and cost one request again after", async () => {
      now += 2 * MINUTE;
      await store(index, { late: made(NOON - MINUTE), new: made(NOON + MINUTE) });
      expect(await reader.poll()).toEqual(namesOf(index, "late", "b", "c", "a", "d", "new"));
      expect(await reader.callsOfPoll()).toEqual([`/${index}/_search`]);
    });

    it("are known at the edge of a bucket, to the millisecond", async () => {
      now += 4 * MINUTE;
      const edge = NOON + 2 * MINUTE;
      await store(index, {
        e: made(edge - 1),
        f: made(edge),
        g: made(edge + 99),
        h: made(edge + 100),
      });
      await reader.poll();
      expect(await reader.callsOfPoll()).toEqual([`/${index}/_search`]);
      const times = (await reader.range(edge, edge + 100)).map(({ at }) => at);
      expect(times).toEqual([edge, edge + 99]);
    });
  });

  it("gives 2,500 documents of one time, in pages of 100 and with a restart between", async () => {
    await createIndex("same");
    const reader = readerOf({ index: "same", size: 100 });
    await reader.poll();
    const documents = Array.from({ length: 2500 }, (_, n) => [`d${n}`, made(NOON)] as const);
    await store("same", Object.fromEntries(documents));
    now += MINUTE;
    await reader.poll((_, count) => count < 12);
    reader.reopen();
    await reader.poll();
    expect(new Set(reader.taken).size).toBe(2500);
    expect(await reader.callsOfPoll()).toEqual(["/same/_search"]);
  });

  it("reads nothing on a track whose field no index has", async () => {
    await createIndex("plain");
    const changed = { name: "changed", field: "changed_at", since: "origin" } as const;
    const tracks = [{ name: "created", field: "@timestamp" }, changed];
    const reader = readerOf({ index: "plain", tracks });
    await reader.poll();
    await store("plain", { a: made(NOON) });
    now += MINUTE;
    expect(await reader.poll()).toEqual(namesOf("plain", "a"));
    expect(await reader.callsOfPoll()).toEqual(["/plain/_search"]);
  });

  it("gives a document again when the field of a track moves", async () => {
    const properties = { "@timestamp": { type: "date" }, "changed.at": { type: "date" } };
    await createIndex("moving", "date", { mappings: { properties } });
    const filter = [{ range: { count: { gt: 0 } } }];
    const changed = { name: "changed", field: "changed.at", filter, since: "origin" } as const;
    const tracks = [{ name: "created", field: "@timestamp" }, changed];
    const reader = readerOf({ index: "moving", tracks });
    await reader.poll();
    await store("moving", { a: { ...made(NOON), count: 0 } });
    now += MINUTE;
    expect(await reader.poll()).toEqual(namesOf("moving", "a"));
    await store("moving", { a: { ...made(NOON), count: 1, "changed.at": iso(now) } });
    now += MINUTE;
    expect(await reader.poll()).toEqual(namesOf("moving", "a"));
    expect(await reader.callsOfPoll()).toEqual(["/moving/_search"]);
  });

  it("follows documents without a time, index by index, from all shards", async () => {
    await createIndex("act-1");
    await ask("PUT", "/act-2", {});
    const reader = readerOf({ index: "act-*", timeless: true, size: 2 });
    const documents = Array.from({ length: 20 }, (_, n) => [`d${n}`, { n }] as const);
    await store("act-1", Object.fromEntries(documents));
    await store("act-1", { timed: made(NOON) });
    now += MINUTE;
    expect(new Set(await reader.poll()).size).toBe(21);
    expect(await reader.callsOfPoll()).toEqual(["/act-*/_search"]);
    await store("act-1", { x: { n: 1 } });
    await store("act-2", { y: { n: 1 } });
    expect(await reader.poll()).toEqual(expect.arrayContaining(["es:act-1/x", "es:act-2/y"]));
    expect(await reader.callsOfPoll()).toEqual(["/act-*/_search"]);
    await ask("DELETE", "/act-1");
    await store("act-3", { z: { n: 1 } });
    expect(await reader.poll()).toEqual(["es:act-3/z"]);
    const all = await reader.range(NOON, now);
    expect(all.map(({ name }) => name)).toEqual(["es:act-2/y", "es:act-3/z"]);
  });

  it("goes on when the alias leads to the next index", async () => {
    await createIndex("roll-1", "date", { aliases: { roll: {} } });
    const reader = readerOf({ index: "roll" });
    await reader.poll();
    await store("roll-1", { a: made(NOON) });
    now += MINUTE;
    await reader.poll();
    await createIndex("roll-2");
    const add = { index: "roll-2", alias: "roll" };
    await ask("POST", "/_aliases", { actions: [{ remove: { ...add, index: "roll-1" } }, { add }] });
    await store("roll-2", { a: made(now) });
    now += MINUTE;
    await reader.poll();
    expect(reader.taken).toEqual(["es:roll-1/a", "es:roll-2/a"]);
    expect(await reader.callsOfPoll()).toEqual(["/roll/_search"]);
  });

  it("says that an index is not there", async () => {
    const reader = readerOf({ index: "missing", timeless: true });
    expect(await failureOf(reader.poll())).toMatchObject({ code: "NOT_FOUND" });
    const pattern = readerOf({ index: "missing-*" });
    expect(await failureOf(pattern.poll())).toMatchObject({ code: "NOT_FOUND" });
  });

  it("gives only what identifies when that is asked for", async () => {
    await createIndex("parts");
    await store("parts", {
      a: { ...made(NOON), "kibana.alert.uuid": "u", rule: { name: "r", n: 1 } },
    });
    const reader = readerOf({ index: "parts", identityFields: ["kibana.alert.uuid", "rule.name"] });
    const [item] = await reader.range(NOON, NOON + 1, false);
    const _source = { "kibana.alert.uuid": "u", rule: { name: "r" } };
    expect(item).toEqual({
      name: "es:parts/a",
      at: NOON,
      document: { _index: "parts", _id: "a", _source },
    });
  });

  describe("consuming", () => {
    it("deletes what was taken, and leaves what was rewritten meanwhile", async () => {
      await createIndex("eaten");
      const reader = readerOf({ index: "eaten", consume: "delete", timeless: true });
      await reader.poll();
      await store("eaten", { a: made(NOON), b: made(NOON + 1), c: { n: 1 }, d: { n: 2 } });
      now += MINUTE;
      let rewritten = false;
      for await (const page of reader.feed.poll(reader.cursor)) {
        if (!rewritten) await store("eaten", { b: { ...made(NOON + 1), n: 2 }, c: { n: 2 } });
        rewritten = true;
        await reader.store(page);
      }
      expect(new Set(reader.taken)).toEqual(new Set(namesOf("eaten", "a", "b", "c", "d")));
      await refresh("eaten");
      const left = (await reader.range(0, now)).map(({ name }) => name);
      expect(left).toContain("es:eaten/c");
      expect(left).not.toContain("es:eaten/a");
      await reader.poll();
      await refresh("eaten");
      expect(await reader.range(0, now)).toEqual([]);
      expect(await reader.callsOfPoll()).toEqual(["/eaten/_search"]);
    });

    // The distribution of OpenSearch has no security.
    if (!secured) return;
    it.each([READER, WRITER])(
      "says which privilege $name lacks, and stores no cursor",
      async (user) => {
        const index = `kept-${user.name}`;
        await createIndex(index);
        const reader = readerOf({ index, consume: "delete" }, open(user));
        await reader.poll();
        await store(index, { a: made(NOON) });
        now += MINUTE;
        const before = reader.cursor;
        const error = await failureOf(reader.poll());
        expect(error).toMatchObject({ code: "CLUSTER_REFUSED", data: { status: 403 } });
        expect(error.hint).toContain(`privilege delete on ${index}`);
        expect(reader.cursor).toBe(before);
      },
    );
  });
}
