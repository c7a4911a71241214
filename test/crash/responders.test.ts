/**
 * Peers that know a repeat show every alert exactly once, however often the process is killed and
 * answers are lost: a TheHive (a strict fake) and a real Elasticsearch.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../peers/free-port.ts";
import { startTheHive, THEHIVE_KEY, type FakeTheHive } from "../peers/thehive.ts";
import { missingFor, startSearchEngine, type SearchEngine } from "../servers/search-engine.ts";
import { StubbornClient } from "./client.ts";
import { liveAndDie, makeKey } from "./life.ts";
import { runTocsin, startProcess, until } from "./process.ts";

const ENGINE = { flavour: "elasticsearch", version: "7.17.29" } as const;
const INDEX = "tocsin-alerts";
/** How many crashes; a quarter of those of the other test, since each alert costs more here. */
const CRASHES = Math.max(4, Math.floor(Number(process.env["TOCSIN_CRASHES"] ?? 16) / 4));
const TIMEOUT = 300_000 + CRASHES * 20_000;
const WORKERS = 2;
/** Right after a message is out, and right after it is written down: where a repeat is born. */
const POINTS = ["random", "message.sent:5", "random", "results.recorded:3", "message.sent:1"];

const missing = missingFor(ENGINE);
// What CI can install must be there.
describe.skipIf(missing && !process.env["CI"])(`killed while it sends${missing ?? ""}`, () => {
  let folder: string;
  let hive: FakeTheHive;
  let engine: SearchEngine;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tocsin-crash-"));
    hive = await startTheHive({ version: "5.4.0" });
    engine = await startSearchEngine(ENGINE);
  }, TIMEOUT);
  afterAll(async () => {
    await hive?.close();
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    `has told TheHive and Elasticsearch of every alert exactly once after ${CRASHES} crashes`,
    async () => {
      const [config, data, port] = [
        join(folder, "tocsin.yaml"),
        join(folder, "data"),
        await freePort(),
      ];
      writeFileSync(config, configuration(hive.url, engine.url, port));
      const client = new StubbornClient(`http://127.0.0.1:${port}`, await makeKey(data));
      client.start(WORKERS);
      for (let crash = 0; crash < CRASHES; crash += 1) {
        // Some answers get lost besides.
        hive.loseAnswer(crash * 3);
        const kill = POINTS[crash % POINTS.length] ?? "random";
        await liveAndDie({ config, data, main: undefined }, kill, client);
      }
      hive.misbehave(undefined);
      const last = startProcess({ config, data });
      await last.listening;
      await client.finish();
      const wanted = [...client.acknowledged].map((id) => `Alert ${id}`).toSorted();
      const arrived = () => new Set(titlesOf(hive)).size >= wanted.length;
      await until("TheHive has all", arrived, 120_000).catch(() => {});
      await until("Elasticsearch has all", await counter(engine.url, wanted.length), 60_000).catch(
        () => {},
      );
      last.process.kill("SIGTERM");
      await last.ended;

      expect(wanted.length).toBeGreaterThan(CRASHES);
      // All at once: an alert that is missing, and one that stands twice, differ from the list.
      expect(titlesOf(hive).toSorted()).toEqual(wanted);
      expect((await titlesIn(engine.url)).toSorted()).toEqual(wanted);
      const audit = await runTocsin(["audit", "--data", data]);
      expect(audit.stdout).toContain("balanced");
      expect(audit.code).toBe(0);
    },
    TIMEOUT,
  );
});

function configuration(hive: string, engine: string, port: number): string {
  return `
listen: 127.0.0.1:${port}
log: { level: error }
backpressure: { min_free: 1MiB }
sources: { in: { kind: generic, id: id } }
clusters: { lab: { url: "${engine}" } }
destinations:
  cases: { kind: thehive, url: "${hive}", api_key: "${THEHIVE_KEY}", concurrency: 4, template: { title: "{{ alert.title }}" } }
  archive: { kind: elasticsearch, cluster: lab, index: ${INDEX} }
routes:
  - { name: all, to: [cases, archive] }
`;
}

function titlesOf({ alerts }: FakeTheHive): string[] {
  return alerts.map(({ alert }) => String(alert["title"]));
}

/** What answers whether so many documents are there; it looks again in the background. */
async function counter(url: string, wanted: number): Promise<() => boolean> {
  let found = 0;
  const look = async () => void (found = (await titlesIn(url)).length);
  await look();
  return () => {
    void look();
    return found >= wanted;
  };
}

async function titlesIn(url: string): Promise<string[]> {
  await fetch(`${url}/${INDEX}/_refresh`, { method: "POST" });
  const response = await fetch(
    `${url}/${INDEX}/_search?size=10000&_source=message,rule.name,tocsin`,
  );
  const { hits } = (await response.json()) as {
    hits: { hits: { _source: Record<string, unknown> }[] };
  };
  return hits.hits.map(({ _source }) => titleOf(_source));
}

function titleOf(document: Record<string, unknown>): string {
  return String(document["message"]);
}
