/** Reading a range from a real engine. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openCluster,
  type ElasticHit,
  type RangeRequest,
} from "../../src/elastic/cluster/cluster.ts";
import { clusterSettings } from "../../src/elastic/cluster/settings.ts";
import { TocsinError } from "../../src/errors.ts";
import { createHttp } from "../../src/net/client.ts";
import type { Http, HttpRequest } from "../../src/net/http.ts";
import type { Engine } from "./distribution.ts";
import { describeEngines, START_TIMEOUT } from "./engines.ts";
import { startSearchEngine, type SearchEngine } from "./search-engine.ts";

const NOON = Date.parse("2026-05-05T12:00:00Z");
const HOUR = 3_600_000;
const USER = { name: "reader", password: "reader-s3cret" };

describeEngines(testRange);

function testRange(engine: Engine): void {
  // The distribution of OpenSearch has no security plugin.
  const user = engine.flavour === "elasticsearch" ? USER : undefined;
  let server: SearchEngine;
  let http: Http;

  beforeAll(async () => {
    server = await startSearchEngine({ ...engine, ...(user && { user }) });
    const egress = { allow: [], deny: [] };
    const limits = { connections: 1, longestAnswer: 1e8, timeout: 60_000 };
    http = createHttp({ component: "cluster lab", egress, ...limits });
  }, START_TIMEOUT);
  afterAll(async () => {
    await http?.close();
    await server?.stop();
  });

  const settingsOf = (credentials: object | undefined) =>
    clusterSettings.parse({ url: server.url, timeout: "60s", ...credentials });
  const own = user && { username: user.name, password: user.password };

  /** A reader; `tap` stands between it and the engine. */
  function readerOf(credentials: object | undefined = own, tap?: Http) {
    return openCluster(settingsOf(credentials), { name: "lab", http: tap ?? http });
  }

  async function readAll(request: RangeRequest, tap?: Http): Promise<ElasticHit[]> {
    const hits: ElasticHit[] = [];
    for await (const page of readerOf(own, tap).readRange(request)) hits.push(...page);
    return hits;
  }

  async function ask(method: string, path: string, body: string | undefined): Promise<unknown> {
    const type = path.includes("_bulk") ? "x-ndjson" : "json";
    const headers = {
      "content-type": `application/${type}`,
      ...(user && { authorization: `Basic ${btoa(`${user.name}:${user.password}`)}` }),
    };
    const answer = await http.request({ method, url: `${server.url}${path}`, headers, body });
    expect(answer.status, answer.body).toBeLessThan(300);
    return JSON.parse(answer.body);
  }

  /** Creates an index of several shards and fills it; all can be found at once. */
  async function fill(index: string, times: readonly number[], type = "date"): Promise<void> {
    const mappings = { properties: { "@timestamp": { type } } };
    const settings = { number_of_shards: 3, number_of_replicas: 0 };
    await ask("PUT", `/${index}`, JSON.stringify({ settings, mappings }));
    const lines = times.flatMap((time, n) => [
      JSON.stringify({ index: { _id: `d${n}` } }),
      JSON.stringify({ "@timestamp": new Date(time).toISOString(), n }),
    ]);
    const done = await ask("POST", `/${index}/_bulk?refresh=true`, `${lines.join("\n")}\n`);
    expect(done).toMatchObject({ errors: false });
  }

  /** Points in time, of which none may stay behind. */
  async function openContexts(): Promise<number> {
    const stats = await ask("GET", "/_nodes/stats/indices/search", undefined);
    const { nodes } = stats as { nodes: Record<string, { indices: { search: Search } }> };
    return Object.values(nodes)[0]?.indices.search.open_contexts ?? -1;
  }

  const unique = (hits: readonly ElasticHit[]) => new Set(hits.map(({ _id }) => _id)).size;

  it("says what it is", async () => {
    expect(await readerOf().info()).toEqual(engine);
  });

  describe("2,500 documents of one time", () => {
    const request = { index: "same-time", since: NOON, until: NOON + 1, pageSize: 100 };
    beforeAll(() =>
      fill(
        "same-time",
        Array.from({ length: 2500 }, () => NOON),
      ),
    );

    it("are read once each, over 25 pages", async () => {
      const hits = await readAll(request);
      expect([hits.length, unique(hits)]).toEqual([2500, 2500]);
      expect(hits[0]?._source).toMatchObject({ "@timestamp": "2026-05-05T12:00:00.000Z" });
      expect(await openContexts()).toBe(0);
    });

    it("are read once each when the point in time is lost in the middle, twice", async () => {
      const losing = loseContexts(http, [7, 15]);
      const hits = await readAll(request, losing);
      expect(losing.lost()).toBe(2);
      expect([hits.length, unique(hits)]).toEqual([2500, 2500]);
      expect(await openContexts()).toBe(0);
    });

    it("leave nothing open when the reader stops early", async () => {
      for await (const page of readerOf().readRange(request)) {
        expect(page).toHaveLength(100);
        break;
      }
      expect(await openContexts()).toBe(0);
    });
  });

  it.each(["date", "date_nanos"])(
    "gives an hour of %s in order, with its first moment and without its last",
    async (type) => {
      const index = `hour-${type}`;
      const edges = [NOON - 1, NOON, NOON + HOUR - 1, NOON + HOUR];
      const inside = Array.from({ length: 300 }, (_, n) => NOON + ((n * 7919) % 3599) * 1000 + 500);
      await fill(index, [...edges, ...inside], type);
      const hits = await readAll({ index, since: NOON, until: NOON + HOUR, pageSize: 50 });
      const times = hits.map(({ _source }) => Date.parse(_source["@timestamp"] as string));
      expect([hits.length, unique(hits)]).toEqual([302, 302]);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect([times[0], times.at(-1)]).toEqual([NOON, NOON + HOUR - 1]);
    },
  );

  it("reads several indices together, also one without the time field", async () => {
    await fill("many-a", [NOON, NOON + 2]);
    await fill("many-b", [NOON + 1]);
    await ask("PUT", "/many-c", "{}");
    const hits = await readAll({ index: "many-*", since: NOON, until: NOON + HOUR, pageSize: 2 });
    expect(hits.map(({ _index, _id }) => `${_index}/${_id}`)).toEqual([
      "many-a/d0",
      "many-b/d0",
      "many-a/d1",
    ]);
  });

  it("gives the fields that are asked for", async () => {
    await fill("with-fields", [NOON]);
    const range = { index: "with-fields", since: NOON, until: NOON + 1, fields: ["n"] };
    expect(await readAll(range)).toMatchObject([{ _id: "d0", fields: { n: [0] } }]);
  });

  it.each(["missing", "missing-*"])("says that %s is not there", async (index) => {
    const error = await readAll({ index, since: 0, until: NOON }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TocsinError);
    expect(error).toMatchObject({ code: "NOT_FOUND", component: "cluster lab" });
    expect(String(error)).toContain(`reading ${index}: there is no such index`);
  });

  if (user)
    it("says that a wrong password is refused, and does not say it", async () => {
      const reader = readerOf({ username: USER.name, password: "wr0ng-password" });
      const error = await reader.info().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "CLUSTER_REFUSED", data: { reason: "unauthorized" } });
      expect(JSON.stringify([String(error), error])).not.toMatch(/wr0ng/);
    });
}

interface Search {
  readonly open_contexts: number;
}

/** A client that makes the engine forget the point in time of these searches before they are sent. */
function loseContexts(http: Http, searches: readonly number[]): Http & { lost(): number } {
  let count = 0;
  let lost = 0;
  return {
    ...http,
    lost: () => lost,
    async request(request) {
      if (request.url.endsWith("/_search") && searches.includes(++count)) {
        const { pit } = JSON.parse(String(request.body)) as { pit: { id: string } };
        if ((await forget(http, request, pit.id)) === 200) lost += 1;
      }
      return await http.request(request);
    },
  };
}

/** Closes a point in time behind the reader's back, in the words of either maker. */
async function forget(http: Http, { url, headers }: HttpRequest, id: string): Promise<number> {
  const send = async (path: string, body: object) => {
    const target = url.replace("/_search", path);
    return await http.request({
      method: "DELETE",
      url: target,
      headers,
      body: JSON.stringify(body),
    });
  };
  const { status } = await send("/_pit", { id });
  if (status === 200) return status;
  return (await send("/_search/point_in_time", { pit_id: [id] })).status;
}
