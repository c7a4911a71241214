import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startElasticsearch, type FakeElasticsearch } from "../../test/peers/elasticsearch.ts";
import { openBench, type Bench } from "./testing/run.ts";

const STREAM = "logs-tocsin.alerts-default";

let bench: Bench;
let engine: FakeElasticsearch;
beforeEach(async () => {
  bench = openBench();
  engine = await startElasticsearch();
  configure(engine.url);
});
afterEach(async () => {
  await engine.close();
  bench.dispose();
});

function configure(url: string): void {
  const text = `
clusters:
  lab: { url: "${url}", api_key: s3cret-key }
sources:
  hook: { kind: elastic }
destinations:
  screen: { kind: log }
  archive: { kind: elasticsearch, cluster: lab }
routes: [{ name: all, to: [screen, archive] }]
`;
  writeFileSync(join(bench.folder, "tocsin.yaml"), text);
}

test("what is missing is told with what to do", async () => {
  const { code, out, err } = await bench.run("doctor", "destination", "archive");
  expect([code, err]).toEqual([1, ""]);
  expect(out.split("\n")).toEqual([
    "destination archive",
    "  fine       cluster lab: Elasticsearch 8.19.2",
    `  fine       privileges on ${STREAM}: create_doc, auto_configure`,
    "  missing    lifecycle policy tocsin-alerts: it is not there",
    "    hint: run this again with --install",
    `  missing    index template tocsin-${STREAM}: it is not there`,
    "    hint: run this again with --install",
    `  fine       data stream ${STREAM}: it comes with the first alert`,
    "",
    "2 problems",
    "",
  ]);
});

test("--install puts it there, once", async () => {
  const first = await bench.run("doctor", "destination", "archive", "--install");
  expect([first.code, first.err]).toEqual([0, ""]);
  expect(first.out).toContain(`  installed  index template tocsin-${STREAM}: version 1`);
  expect([...engine.templates.keys(), ...engine.policies.keys()]).toEqual([
    `tocsin-${STREAM}`,
    "tocsin-alerts",
  ]);
  const { code, out } = await bench.run("doctor", "destination", "archive");
  expect([code, out.endsWith("\n\nall is well\n")]).toEqual([0, true]);
});

test("what could not be looked at is not called well", async () => {
  await bench.run("doctor", "destination", "archive", "--install");
  engine.lacking.add("manage_index_templates");
  const { code, out } = await bench.run("doctor", "destination", "archive");
  expect([code, out.split("\n").at(-2)]).toEqual([
    0,
    "nothing is missing, as far as could be seen",
  ]);
});

test("--json is one document with the same", async () => {
  const { code, out } = await bench.run("doctor", "destination", "archive", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    destination: "archive",
    ok: false,
    findings: [{ state: "fine" }, {}, { state: "missing" }, { state: "missing" }, {}],
  });
});

test("a cluster that does not answer is a problem, and no secret is said", async () => {
  configure("http://127.0.0.1:1");
  const { code, out, err } = await bench.run("doctor", "destination", "archive");
  expect([code, err]).toEqual([1, ""]);
  expect(out).toContain("  wrong      destination archive: GET http://127.0.0.1:1/");
  expect(out).not.toContain("s3cret");
});

test("a kind that needs nothing says so", async () => {
  const { code, out } = await bench.run("doctor", "destination", "screen");
  expect([code, out]).toEqual([
    0,
    "destination screen\n  the kind log needs nothing to be installed\n",
  ]);
});

test("a name that is not there is refused", async () => {
  const { code, err } = await bench.run("doctor", "destination", "nobody");
  expect(code).not.toBe(0);
  expect(err).toContain("nobody");
});
