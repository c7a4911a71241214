import { readFileSync } from "node:fs";
import { join, dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startElasticsearch, type FakeElasticsearch } from "../peers/elasticsearch.ts";
import { startScene, type Scene } from "./program.ts";

const INDEX = ".alerts-security.alerts-default";

let engine: FakeElasticsearch;
let scene: Scene;
beforeEach(async () => {
  engine = await startElasticsearch();
  engine.indices.add(INDEX);
});
afterEach(async () => {
  await scene.stop();
  await engine.close();
});

const begin = async (more = "", rest = "", clusters = "") => {
  scene = await startScene(`
clusters: { lab: { url: "${engine.url}" }, ${clusters} }
sources:
  detections: { kind: elastic-alerts, cluster: lab, interval: 100ms, settle: 0s, size: 2${more} }
  elastic: { kind: elastic }
destinations: { out: { kind: file, path: out.ndjson } }
routes: [{ name: all, to: [out] }]
${rest}`);
};

/** A detection alert, raised so many milliseconds ago. */
function raise(uuid: string, ago = 0): void {
  const time = new Date(Date.now() - ago).toISOString();
  engine.documents.push({ _index: INDEX, _id: uuid, _source: alertOf(uuid, time) });
}

const alertOf = (uuid: string, time: string) => ({
  "@timestamp": time,
  "kibana.alert.uuid": uuid,
  "kibana.alert.rule.name": "Rule",
  "kibana.alert.workflow_status": "open",
});

interface Sent {
  readonly alert: { readonly external: { readonly id: string } };
}

/** What was sent so far. */
async function delivered(): Promise<string[]> {
  await scene.program.drained();
  const lines = readFileSync(join(dirname(scene.paths.stream), "..", "out.ndjson"), "utf8");
  const sent = lines.trim().split("\n");
  return sent.map((line) => (JSON.parse(line) as Sent).alert.external.id);
}

const events = async () => {
  const { json } = await scene.get("/api/v1/alerts?limit=500");
  return (json.items as { external: { id: string } }[]).map(({ external }) => external.id);
};

/** Asks again until it is so. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: 30_000, interval: 20 });
}

const feedOf = async () => {
  const { json } = await scene.get("/api/v1/sources");
  return (json.items as { name: string; feed: Record<string, unknown> | null }[]).find(
    ({ name }) => name === "detections",
  )?.feed;
};

describe("a source that is read", () => {
  it("brings what is there, page after page, to the destinations", async () => {
    for (let index = 0; index < 7; index += 1) raise(`u${index}`, 7000 - index);
    await begin();
    await scene.program.polled();
    await scene.program.drained();
    expect((await events()).toSorted()).toEqual(["u0", "u1", "u2", "u3", "u4", "u5", "u6"]);
    expect((await delivered()).toSorted()).toEqual(await events().then((ids) => ids.toSorted()));
    expect(scene.audit().gaps).toEqual([]);
  });

  it("brings what comes while it runs, and nothing twice over a restart", async () => {
    raise("a", 1000);
    await begin();
    await scene.program.polled();
    raise("b");
    await until(async () => (await events()).includes("b"));
    scene = await scene.restart();
    raise("c");
    await scene.program.polled();
    await until(async () => (await events()).includes("c"));
    expect((await delivered()).toSorted()).toEqual(["a", "b", "c"]);
    expect(scene.audit().gaps).toEqual([]);
  });

  it("is one alert with what a sender brought of it", async () => {
    await begin();
    const time = new Date().toISOString();
    const body = JSON.stringify(alertOf("both", time));
    expect((await scene.post("/v1/ingest/elastic", body)).json).toMatchObject({ accepted: 1 });
    raise("both");
    raise("after");
    await until(async () => (await events()).includes("after"));
    expect((await delivered()).toSorted()).toEqual(["after", "both"]);
  });

  it("shows how reading goes, and that it fails, with what to do", async () => {
    raise("a", 1000);
    engine.down = 503;
    await begin();
    await expect(scene.program.polled()).rejects.toMatchObject({ code: "REQUEST_FAILED" });
    expect(await feedOf()).toMatchObject({ state: "failing", error: expect.stringMatching("503") });
    const { json } = await scene.get("/api/v1/sources");
    expect(json.items[1]).toMatchObject({ name: "elastic", feed: null });
    engine.down = null;
    await until(async () => (await events()).includes("a"));
    await until(async () => (await feedOf())?.["state"] === "waiting");
    expect(await feedOf()).toMatchObject({ error: null, read_to: expect.stringMatching("Z$") });
    const { text } = await scene.get("/metrics");
    expect(text).toMatch(/tocsin_polls_total{source="detections",outcome="failed"} \d/);
    expect(text).toMatch(/tocsin_received_total{source="detections",outcome="accepted"} 1/);
    expect(text).toMatch(/tocsin_source_lag_seconds{source="detections"} \d/);
  });

  it("tells operators that it is behind", async () => {
    engine.down = 503;
    await begin(", max_lag: 1s, overlap: 5s");
    await until(async () => {
      const { json } = await scene.get("/api/v1/alerts");
      return json.items.some(({ title }: { title: string }) => title.includes("is behind"));
    });
    const { json } = await scene.get("/api/v1/alerts?limit=500");
    expect(json.items).toMatchObject([{ title: "Source detections is behind", severity: "high" }]);
  });

  it("waits while too much waits to be decided, and then loses nothing", async () => {
    await begin("", "backpressure: { max_backlog: 3, retry_after: 1s }");
    await scene.program.pause(true);
    for (let index = 0; index < 9; index += 1) raise(`u${index}`, 2000 - index);
    await until(async () => (await feedOf())?.["state"] === "blocked");
    await scene.program.pause(false);
    await until(async () => (await events()).length === 9);
    expect(scene.audit().gaps).toEqual([]);
  });

  it("fetches what was missed, and says how much that was", async () => {
    await begin(", overlap: 1s, reconcile: { every: 500ms, since: 1h }, start_time: 1h");
    await scene.program.polled();
    raise("on time");
    await until(async () => (await events()).includes("on time"));
    raise("late", 600_000);
    await until(async () => (await events()).includes("late"));
    await until(async () => typeof (await feedOf())?.["missing"] === "number");
    const { text } = await scene.get("/metrics");
    expect(text).toMatch(/tocsin_reconcile_backfilled_total{source="detections"} 1/);
    expect((await delivered()).toSorted()).toEqual(["late", "on time"]);
  });
});

it("starts with a cluster that cannot be opened unless a source is read from it", async () => {
  await begin("", "", "other: { url: 'https://es.lab', ca: ./none.pem }");
  const broken = startScene(`
clusters: { lab: { url: "https://es.lab", ca: ./none.pem } }
sources: { detections: { kind: elastic-alerts, cluster: lab } }
destinations: { out: { kind: file, path: out.ndjson } }
routes: [{ name: all, to: [out] }]`);
  await expect(broken).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});
