/**
 * The destination `elasticsearch` against a real engine: documents that come once, are refused each for
 * itself, and survive the restart of the node. Data streams where the engine has them (the distributions of
 * Elasticsearch that can be had for tests have none), else a plain index.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  elasticsearch,
  type ElasticsearchConfig,
} from "../../src/destinations/elasticsearch/elasticsearch.ts";
import type { Destination, Message, Verdict } from "../../src/destinations/destination.ts";
import {
  alertWith,
  contextWith,
  hostileAlert,
  hugeAlert,
  messageWith,
  sendingWith,
} from "../../src/destinations/testing/messages.ts";
import { openCluster, type ElasticCluster } from "../../src/elastic/cluster/cluster.ts";
import { clusterSettings } from "../../src/elastic/cluster/settings.ts";
import { createHttp } from "../../src/net/client.ts";
import type { Http } from "../../src/net/http.ts";
import type { Engine } from "./distribution.ts";
import { describeEngines, START_TIMEOUT } from "./engines.ts";
import { startSearchEngine, type SearchEngine } from "./search-engine.ts";

const STREAM = "logs-tocsin.alerts-default";
const INDEX = "tocsin-alerts";

describeEngines(testBulk);

function testBulk(engine: Engine): void {
  const hasStreams = engine.flavour === "opensearch";
  const target = hasStreams ? STREAM : INDEX;
  let server: SearchEngine;
  let http: Http;
  let lab: ElasticCluster;

  beforeAll(async () => {
    server = await startSearchEngine(engine);
    const egress = { allow: [], deny: [] };
    const limits = { connections: 2, longestAnswer: 1e8, timeout: 60_000 };
    http = createHttp({ component: "cluster lab", egress, ...limits });
    const settings = clusterSettings.parse({ url: server.url, timeout: "60s" });
    lab = openCluster(settings, { name: "lab", http });
    await destination().inspect?.({ install: true });
  }, START_TIMEOUT);
  afterAll(async () => {
    await http?.close();
    await server?.stop();
  });

  function destination(own: Partial<ElasticsearchConfig> = {}): Destination {
    const config = { cluster: "lab", ...(hasStreams ? {} : { index: INDEX }), ...own };
    return elasticsearch.create(config, contextWith({ cluster: lab }).context) as Destination;
  }

  async function send(to: Destination, messages: readonly Message[]): Promise<Verdict[]> {
    const { sending } = sendingWith();
    return await Promise.all(messages.map((each) => to.send(to.render(each), each, sending)));
  }

  /** The documents of alerts whose keys begin so, as they can be found. */
  async function findKeys(prefix: string, index = target): Promise<string[]> {
    const query = { prefix: { "tocsin.alert.key": prefix } };
    const body = { size: 1000, query, _source: ["tocsin.alert.key"] };
    const answer = (await lab.search({ index, body })) as unknown as Found;
    return answer.hits.hits.map(({ _source }) => _source.tocsin.alert.key).toSorted();
  }

  const numbered = (key: string, change: Parameters<typeof alertWith>[0] = {}) =>
    messageWith({ key: `d_${key}`, alert: alertWith({ key, ...change }) });
  const manyOf = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, number) =>
      numbered(`${prefix} ${String(number).padStart(4, "0")}`),
    );
  const keysOf = (messages: readonly Message[]) => messages.map(({ alert }) => alert.key);

  it("installs what the engine can take, and finds it again", async () => {
    const findings = (await destination().inspect?.({ install: false })) ?? [];
    const states = findings.map(({ subject, state }) => `${state} ${subject}`);
    expect(states).toContain(`fine index template tocsin-${target}`);
    expect(states.filter((each) => /^(missing|wrong)/.test(each))).toEqual([]);
    expect(states.some((each) => each.startsWith("unknown lifecycle policy"))).toBe(hasStreams);
  });

  it("creates documents, and counts those that are there as delivered", async () => {
    const messages = manyOf("once", 300);
    const to = destination();
    const first = await send(to, messages);
    expect(new Set(first.map(({ kind, status }) => `${kind} ${status}`))).toEqual(
      new Set(["delivered 201"]),
    );
    const streams = await lab.readKept("data_stream", STREAM);
    if (hasStreams) expect(streams).toMatchObject({ data_streams: [{ name: STREAM }] });
    else expect(streams).toBeUndefined();
    const again = await send(to, [...messages, numbered("once more")]);
    expect(new Set(again.slice(0, 300).map(({ status }) => status))).toEqual(new Set([409]));
    expect(again.at(-1)).toMatchObject({ kind: "delivered", status: 201 });
    await expect
      .poll(() => findKeys("once"), { timeout: 20_000 })
      .toEqual([...keysOf(messages), "once more"].toSorted());
  }, 60_000);

  it("refuses the document that does not fit the mapping, and no other", async () => {
    const broken = numbered("fit 2", { first_seen: "not a time" });
    const verdicts = await send(destination(), [numbered("fit 1"), broken, numbered("fit 3")]);
    expect(verdicts).toMatchObject([
      { kind: "delivered" },
      { kind: "reject", reason: "rejected_by_peer", status: 400 },
      { kind: "delivered" },
    ]);
    await expect.poll(() => findKeys("fit"), { timeout: 20_000 }).toEqual(["fit 1", "fit 3"]);
  }, 60_000);

  it("takes the longest and the most hostile alerts", async () => {
    const alerts = [
      hostileAlert(),
      hostileAlert("a\u0000b\ud800c"),
      hugeAlert(1_000_000, 2),
      hugeAlert(100, 5000),
    ];
    const messages = alerts.map((alert, number) =>
      messageWith({
        key: `d_huge_${number}`,
        alert: { ...alert, key: `huge ${number} ${"é".repeat(300)}` },
      }),
    );
    const verdicts = await send(destination(), messages);
    expect(verdicts.map(({ kind }) => kind)).toEqual(messages.map(() => "delivered"));
  }, 60_000);

  it("replaces the document of an alert in an index", async () => {
    const to = destination({ index: "replaced" });
    const message = numbered("replaced 1");
    const [first] = await send(to, [message]);
    const memory = first?.kind === "delivered" ? (first.reference ?? null) : null;
    const closed = { ...message.alert, status: "closed" as const };
    const update = { ...message, kind: "update" as const, key: "d~1", alert: closed, memory };
    expect(await send(to, [update])).toMatchObject([{ kind: "delivered", status: 200 }]);
    const query = { term: { "tocsin.status.keyword": "closed" } };
    const count = () => lab.count({ index: "replaced", query });
    await expect.poll(count, { timeout: 20_000 }).toBe(1);
    expect(await lab.count({ index: "replaced", query: { match_all: {} } })).toBe(1);
  }, 60_000);

  describe("when the node is restarted meanwhile", () => {
    it("loses nothing and doubles nothing", async () => {
      const messages = manyOf("restart", 400);
      const to = destination();
      const waiting = new Set(messages);
      const tryAll = async () => {
        const batch = [...waiting].slice(0, 100);
        const verdicts = await send(to, batch);
        for (const [position, message] of batch.entries())
          if (verdicts[position]?.kind === "delivered") waiting.delete(message);
        expect(verdicts.filter(({ kind }) => kind === "reject")).toEqual([]);
      };
      await tryAll();
      const restarted = server.kill().then(() => server.restart());
      await tryAll();
      await restarted;
      await expect
        .poll(() => tryAll().then(() => waiting.size), { timeout: 60_000, interval: 500 })
        .toBe(0);
      await expect
        .poll(() => findKeys("restart"), { timeout: 20_000 })
        .toEqual(keysOf(messages).toSorted());
    }, 180_000);
  });
}

interface Found {
  readonly hits: {
    readonly hits: readonly {
      readonly _source: { readonly tocsin: { readonly alert: { readonly key: string } } };
    }[];
  };
}
