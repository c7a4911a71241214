/** The doctor's test document, from the index to the destinations. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openBench, type Bench } from "../../src/cli/testing/run.ts";
import { startElasticsearch, type FakeElasticsearch } from "../peers/elasticsearch.ts";
import { startScene, type Scene } from "./program.ts";

let engine: FakeElasticsearch;
let bench: Bench;
let scene: Scene;
/** Happens after so many waits of the command. */
let later: { waits: number; happens(): Promise<void> } | null = null;
beforeEach(async () => {
  engine = await startElasticsearch();
  engine.documents.push({
    _index: "siem-alert",
    _id: "old",
    _source: { "@timestamp": "2026-01-01T00:00:00Z" },
  });
  later = null;
  bench = openBench({ now: Date.now, wait });
});
afterEach(async () => {
  await scene.stop();
  await engine.close();
  bench.dispose();
});

async function wait(milliseconds: number): Promise<void> {
  await setTimeout(milliseconds);
  if (later && later.waits-- === 0) await later.happens();
}

const begin = async (routes: string) => {
  const yaml = `
clusters: { lab: { url: "${engine.url}" } }
sources:
  actions: { kind: elastic-actions, cluster: lab, interval: 100ms, settle: 0s }
destinations:
  archive: { kind: file, path: out.ndjson }
  nowhere: { kind: file, path: /proc/out.ndjson }
routes: [${routes}]
`;
  writeFileSync(join(bench.folder, "tocsin.yaml"), yaml);
  scene = await startScene(yaml);
};

/** What the command says of the test document, with its times left out. */
const examine = async (...more: string[]) => {
  const data = ["--data", scene.paths.folder];
  const argv = ["doctor", "elastic", "--json", "--write", ...data, ...more];
  const { code, out } = await bench.run(...argv);
  const [{ findings }] = JSON.parse(out).clusters;
  const last = findings.at(-1) as { step: string; outcome: string; text: string };
  return { code, ...last, text: last.text.replaceAll(/\d+\.\d s/g, "n s") };
};

it("arrives, with the time it took", async () => {
  await begin("{ name: all, to: [archive] }");
  const { code, step, outcome, text } = await examine();
  expect([code, step, outcome]).toEqual([0, "test", "ok"]);
  expect(text).toBe("siem-alert/made-1 stored after n s, delivered to archive after n s");
  const { json } = await scene.get("/api/v1/alerts");
  expect(json.items).toMatchObject([{ title: "Tocsin test document", severity: "informational" }]);
  expect(engine.documents).toHaveLength(2);
});

it("is told to be sent nowhere where no route takes it", async () => {
  await begin("{ name: high, match: 'severity >= high', to: [archive] }");
  const { code, outcome, text } = await examine();
  expect([code, outcome]).toEqual([0, "warning"]);
  expect(text).toBe("siem-alert/made-1 stored after n s, sent nowhere");
});

it("is told not to be decided while nothing is", async () => {
  await begin("{ name: all, to: [archive] }");
  await scene.program.pause(true);
  const { code, outcome, text } = await examine("--timeout", "1s");
  expect([code, outcome]).toEqual([1, "problem"]);
  expect(text).toBe("siem-alert/made-1 stored after n s, not decided yet");
  await scene.program.pause(false);
});

it("is waited for until it is decided", async () => {
  await begin("{ name: all, to: [archive] }");
  await scene.program.pause(true);
  later = { waits: 10, happens: () => scene.program.pause(false) };
  const { code, text } = await examine();
  expect(code).toBe(0);
  expect(text).toMatch(/delivered to archive after n s$/);
});

it("is told where it does not arrive, and why", async () => {
  await begin("{ name: all, to: [archive, nowhere] }");
  const { code, outcome, text } = await examine("--timeout", "1s");
  expect([code, outcome]).toEqual([1, "problem"]);
  expect(text).toMatch(/delivered to archive after n s, pending for nowhere \(.*\)$/);
});
