/**
 * The program between an Elasticsearch and its Kibana. Both fakes hold the same alerts, as the real
 * ones do: what one changes the other shows.
 */
import { dirname, join } from "node:path";
import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openBench } from "../../src/cli/testing/run.ts";
import { startElasticsearch, type FakeElasticsearch } from "../peers/elasticsearch.ts";
import { startKibana, type FakeKibana } from "../peers/kibana.ts";
import { CHANGED_AT, STATUS } from "../peers/kibana-alerts.ts";
import type { Responder } from "../peers/peer.ts";
import { request, startScene, type Answer, type Scene } from "./program.ts";

const INDEX = ".alerts-security.alerts-default";

let elastic: FakeElasticsearch;
let kibana: FakeKibana;
let scene: Scene;

beforeEach(async () => {
  elastic = await startElasticsearch();
  elastic.indices.add(INDEX);
  kibana = await startKibana();
});
afterEach(async () => {
  await scene.stop();
  await kibana.close();
  await elastic.close();
});

async function begin(more = ""): Promise<void> {
  scene = await startScene(`
clusters: { lab: { url: "${elastic.url}", kibana: "${kibana.kibanaUrl}" } }
sources:
  kibana: { kind: kibana }
  detections:
    { kind: elastic-alerts, cluster: lab, interval: 100ms, settle: 0s, write_back: true${more} }
destinations: { out: { kind: file, path: out.ndjson } }
cases: [{ name: by-host, match: "host.name: *", group_by: [host.name] }]
routes: [{ name: all, to: [out] }]
`);
}

/** Waits until it holds. */
function until<T>(holds: () => Promise<T> | T): Promise<T> {
  return vi.waitFor(holds, { timeout: 30_000, interval: 20 });
}

/** A detection alert, as Kibana writes it. */
function raise(uuid: string, host = "web-1"): void {
  const _source = {
    "@timestamp": new Date().toISOString(),
    "kibana.alert.uuid": uuid,
    "kibana.alert.rule.name": "Password spraying",
    "kibana.alert.severity": "high",
    "kibana.alert.workflow_status": "open",
    "host.name": host,
  };
  elastic.documents.push({ _index: INDEX, _id: uuid, _source });
  kibana.alerts("default").push({ _id: uuid, _source });
}

/** The document of an alert. */
function documentOf(uuid: string) {
  const found = kibana.alerts("default").find(({ _id }) => _id === uuid);
  return found?._source ?? expect.unreachable(`Kibana has no alert ${uuid}`);
}

/** As somebody does in Kibana. */
function changeInKibana(uuid: string, status: string): void {
  const changed = { [STATUS]: status, [CHANGED_AT]: new Date().toISOString() };
  Object.assign(documentOf(uuid), changed);
}

interface Shown {
  readonly number: string;
  readonly title: string;
  readonly status: string;
  readonly count: number;
  readonly case_id: string;
  readonly external: { readonly id: string | null };
}

async function alerts(): Promise<readonly Shown[]> {
  const { json } = await scene.get("/api/v1/alerts?limit=500");
  return json.items;
}

/** The alert here, once it is there. */
function alertOf(uuid: string): Promise<Shown> {
  return until(async () => {
    const found = (await alerts()).find(({ external }) => external.id === uuid);
    return found ?? expect.unreachable(`there is no alert of ${uuid} yet`);
  });
}

/** Waits until an alert has this status here and in Kibana. */
async function settled(uuid: string, here: string, there: string): Promise<void> {
  await until(async () => {
    expect(documentOf(uuid)[STATUS]).toBe(there);
    expect((await alertOf(uuid)).status).toBe(here);
  });
}

function post(path: string, body: object): Promise<Answer> {
  const authorization = `Bearer ${scene.adminKey}`;
  const headers = { authorization, "content-type": "application/json" };
  return request(`${scene.url}/api/v1${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
}

/** How often Kibana was asked to set a status. */
function writes(): number {
  return kibana.received.filter(({ path }) => path.endsWith("/signals/status")).length;
}

/** Waits until whatever is there was read several times more, and nothing is left to be done. */
async function quiet(): Promise<void> {
  const polls = () => elastic.searches.filter(({ size }) => size === 0).length;
  const before = polls();
  await until(() => expect(polls()).toBeGreaterThan(before + 3));
  await scene.program.drained();
}

async function writeBacks(): Promise<readonly { state: string; reason: string; kind: string }[]> {
  const { json } = await scene.get("/api/v1/deliveries?destination=write-back:lab&limit=500");
  return json.items;
}

const DOWN: Responder = (_received, response) => void response.writeHead(503).end("down");

describe("one alert", () => {
  it("that comes by the webhook and by a poll is one, sent once", async () => {
    await begin();
    const body = {
      date: new Date().toISOString(),
      rule: { id: "7c1f", name: "Password spraying", spaceId: "default" },
      context: { alerts: [{ kibana: { alert: { uuid: "a1" } }, host: { name: "web-1" } }] },
    };
    const taken = await scene.post("/v1/ingest/kibana", JSON.stringify(body));
    expect(taken.json).toMatchObject({ accepted: 1, duplicates: 0 });
    raise("a1");
    raise("a2");
    await alertOf("a2");
    await quiet();
    const ids = (await alerts()).map(({ external }) => external.id);
    expect(ids).toHaveLength(2);
    expect(ids).toEqual(expect.arrayContaining(["a1", "a2"]));
    expect(sent()).toHaveLength(2);
    expect(scene.audit()).toMatchObject({ balanced: true, gaps: [] });
  });

  it("is read by a feed that the API shows", async () => {
    await begin();
    raise("a1");
    await alertOf("a1");
    await quiet();
    const { json } = await scene.get("/api/v1/sources");
    expect(json.items).toMatchObject([
      { name: "kibana", feed: null },
      { name: "detections", feed: { state: "waiting", error: null } },
    ]);
    expect(json.items[1].feed.lag_seconds).toBeLessThan(30);
  });
});

describe("a status set here", () => {
  it("over the API or by a command is set in Kibana, once", async () => {
    await begin();
    raise("a1");
    const { number } = await alertOf("a1");
    expect((await post(`/alerts/${number}/acknowledge`, {})).status).toBe(200);
    await settled("a1", "acknowledged", "acknowledged");
    const bench = openBench({ env: { TOCSIN_DATA: scene.paths.folder }, now: Date.now });
    const closed = await bench.run("alert", "close", number, "--verdict", "benign", "--as", "ada");
    bench.dispose();
    expect(closed).toMatchObject({ code: 0, err: "" });
    await settled("a1", "closed", "closed");
    await quiet();
    expect(kibana.changes).toMatchObject([{ status: "acknowledged" }, { status: "closed" }]);
    expect(writes()).toBe(2);
    expect(await writeBacks()).toMatchObject([
      { state: "delivered", kind: "status", reason: "accepted_by_peer" },
      { state: "delivered", kind: "status", reason: "accepted_by_peer" },
    ]);
  });

  it("reaches an alert that the webhook opened", async () => {
    await begin();
    const alert = { kibana: { alert: { uuid: "a1" } } };
    const body = { rule: { name: "Rule", spaceId: "default" }, context: { alerts: [alert] } };
    await scene.post("/v1/ingest/kibana", JSON.stringify(body));
    const { number } = await alertOf("a1");
    raise("a1");
    await post(`/alerts/${number}/acknowledge`, {});
    await settled("a1", "acknowledged", "acknowledged");
  });

  it("waits while Kibana is down, and is set when it is back", async () => {
    await begin();
    raise("a1");
    const { number } = await alertOf("a1");
    kibana.misbehave(DOWN);
    await post(`/alerts/${number}/close`, { verdict: "true_positive" });
    await until(() => expect(writes()).toBe(1));
    await until(async () => expect(await writeBacks()).toMatchObject([{ state: "pending" }]));
    expect(documentOf("a1")[STATUS]).toBe("open");
    kibana.misbehave(undefined);
    await settled("a1", "closed", "closed");
    await quiet();
    expect(writes()).toBe(2);
    expect(await writeBacks()).toMatchObject([{ state: "delivered" }]);
  });

  it("by closing a case is set for all of its alerts", async () => {
    await begin();
    raise("a1", "db-1");
    raise("a2", "db-1");
    raise("other", "db-2");
    await alertOf("a2");
    const { case_id } = await alertOf("a1");
    await alertOf("other");
    const closed = await post(`/cases/${case_id}/close`, { verdict: "benign" });
    expect(closed.status).toBe(200);
    await settled("a1", "closed", "closed");
    await settled("a2", "closed", "closed");
    await settled("other", "new", "open");
    await quiet();
    expect(kibana.changes).toHaveLength(2);
  });
});

describe("a status set in Kibana", () => {
  it("is taken over here, and nothing is written back", async () => {
    await begin();
    raise("a1");
    await alertOf("a1");
    changeInKibana("a1", "closed");
    await settled("a1", "closed", "closed");
    await quiet();
    expect(writes()).toBe(0);
    expect(await writeBacks()).toEqual([]);
    expect(sent()).toHaveLength(1);
    expect(scene.audit()).toMatchObject({ balanced: true, gaps: [] });
  });

  it("wins when it is the newer one, also when that is not known here yet", async () => {
    await begin();
    raise("a1");
    const { number } = await alertOf("a1");
    kibana.misbehave(DOWN);
    await post(`/alerts/${number}/close`, { verdict: "benign" });
    await until(() => expect(writes()).toBe(1));
    elastic.down = 503;
    changeInKibana("a1", "acknowledged");
    kibana.misbehave(undefined);
    await until(async () => expect(await writeBacks()).toMatchObject([{ state: "delivered" }]));
    expect(documentOf("a1")[STATUS]).toBe("acknowledged");
    expect((await alertOf("a1")).status).toBe("closed");
    elastic.down = null;
    await settled("a1", "acknowledged", "acknowledged");
    await quiet();
    expect(writes()).toBe(2);
    expect(await writeBacks()).toHaveLength(1);
  });

  it("gives way when it is the older one, and then nothing is written any more", async () => {
    await begin();
    raise("a1");
    const { number } = await alertOf("a1");
    elastic.down = 503;
    changeInKibana("a1", "acknowledged");
    // The clock must have moved on: of two changes within a millisecond neither is the newer one.
    const changed = Date.now();
    await until(() => expect(Date.now()).toBeGreaterThan(changed));
    await post(`/alerts/${number}/close`, { verdict: "benign" });
    await until(() => expect(documentOf("a1")[STATUS]).toBe("closed"));
    elastic.down = null;
    await quiet();
    await settled("a1", "closed", "closed");
    expect(writes()).toBe(1);
    await quiet();
    expect(writes()).toBe(1);
    expect(await writeBacks()).toHaveLength(1);
  });
});

describe("a cluster that is down", () => {
  it("is told to operators once, and what was raised meanwhile is read when it is back", async () => {
    await begin(", max_lag: 1s, overlap: 1s");
    await scene.program.polled();
    raise("a1");
    await alertOf("a1");
    elastic.down = 503;
    const told = async () => (await alerts()).filter(({ title }) => /is behind/.test(title));
    await until(async () => expect(await told()).toMatchObject([{ count: 1 }]));
    raise("a2");
    const before = elastic.received.length;
    await until(() => expect(elastic.received.length).toBeGreaterThan(before + 3));
    expect(await told()).toMatchObject([{ count: 1 }]);
    elastic.down = null;
    await alertOf("a2");
    await quiet();
    const { json } = await scene.get("/api/v1/sources");
    expect(json.items[1].feed).toMatchObject({ state: "waiting", error: null });
    expect(await told()).toMatchObject([{ count: 1 }]);
    expect(scene.audit().gaps).toEqual([]);
  });
});

/** What was sent to the file. */
function sent(): readonly string[] {
  const path = join(dirname(scene.paths.folder), "out.ndjson");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}
