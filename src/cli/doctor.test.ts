import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startElasticsearch, type FakeElasticsearch } from "../../test/peers/elasticsearch.ts";
import { startKibana, type FakeKibana } from "../../test/peers/kibana.ts";
import { openBench, type Bench } from "./testing/run.ts";

const ALERTS = ".alerts-security.alerts-default";
const NOBODY = "http://127.0.0.1:1";

let bench: Bench;
let engine: FakeElasticsearch;
let kibana: FakeKibana;
beforeEach(async () => {
  bench = openBench();
  engine = await startElasticsearch();
  kibana = await startKibana();
  engine.fields.delete("kibana.alert.workflow_status_updated_at");
  put("siem-alert", "a1");
  put(ALERTS, "u1");
  configure();
});
afterEach(async () => {
  await engine.close();
  await kibana.close();
  bench.dispose();
});

function put(_index: string, _id: string): void {
  engine.documents.push({ _index, _id, _source: { "@timestamp": "2026-03-01T09:00:00Z" } });
}

const ACTIONS = "actions: { kind: elastic-actions, cluster: lab }";
const DETECTIONS = "detections: { kind: elastic-alerts, cluster: lab }";

function configure(sources = [ACTIONS, DETECTIONS], cluster = `url: "${engine.url}"`): void {
  const text = `
clusters:
  lab: { ${cluster}, api_key: s3cret-key }
sources:
  hook: { kind: elastic }
${sources.map((source) => `  ${source}\n`).join("")}
destinations: { screen: { kind: log } }
routes: [{ name: all, to: [screen] }]
`;
  writeFileSync(join(bench.folder, "tocsin.yaml"), text);
}

async function examine(...argv: string[]) {
  const { code, out, err } = await bench.run("doctor", "elastic", "--json", ...argv);
  expect(err).toBe("");
  expect(out).not.toContain("s3cret");
  const { ok, clusters } = JSON.parse(out) as { ok: boolean; clusters: Examined[] };
  const [examined] = clusters as [Examined];
  const of = (outcome: string) => examined.findings.filter((each) => each.outcome === outcome);
  return { ...examined, code, ok, of };
}

interface Examined {
  readonly cluster: string;
  readonly findings: { step: string; outcome: string; source: string | null; text: string }[];
  readonly role: object | null;
  readonly bodies: { index: string; index_template: string; documents: object }[];
}

test("a cluster without problems is told step by step", async () => {
  const { code, out, err } = await bench.run("doctor", "elastic");
  expect([code, err]).toEqual([0, ""]);
  expect(out.split("\n")).toEqual([
    "cluster lab",
    `  ok       reach       ${engine.url} answers`,
    "  ok       version     Elasticsearch 8.19.2, supported",
    "  ok       licence     basic: indices can be read; Kibana's webhook connector is not part of it",
    "  ok       privileges  actions: reader has read",
    "  ok       privileges  detections: reader has read",
    "  ok       index       actions: siem-alert: 1 document",
    "  ok       mapping     actions: @timestamp is date; rule.name is keyword",
    "  ok       read        actions: can be read",
    `  ok       index       detections: ${ALERTS}: 1 document`,
    expect.stringMatching(
      /^ {2}ok {7}mapping {5}detections: @timestamp is date; kibana\.alert\.uuid is keyword; /,
    ),
    "  ok       read        detections: can be read",
    "",
    "all is well",
    "",
  ]);
});

test("--json is one document with the same", async () => {
  const { cluster, code, ok, findings, role, bodies } = await examine();
  expect([cluster, code, ok, role, bodies]).toEqual(["lab", 0, true, null, []]);
  const text = `${engine.url} answers`;
  expect(findings[0]).toEqual({ step: "reach", outcome: "ok", source: null, hint: null, text });
});

describe("reaching", () => {
  test("one of two nodes being gone is a warning", async () => {
    configure([ACTIONS], `url: ["${NOBODY}", "${engine.url}"]`);
    const { code, of } = await examine();
    expect(code).toBe(0);
    expect(of("warning")).toMatchObject([{ step: "reach" }]);
    expect(of("warning")[0]?.text.startsWith(`${NOBODY}: `)).toBe(true);
  });

  test("no node answering is a problem, and nothing else is asked", async () => {
    configure([ACTIONS], `url: ${NOBODY}`);
    const { code, findings } = await examine();
    expect(code).toBe(1);
    expect(findings).toMatchObject([{ step: "reach", outcome: "problem" }]);
  });

  test("the role and the bodies can be had before there is a cluster", async () => {
    configure([ACTIONS], `url: ${NOBODY}`);
    const { role, bodies } = await examine("--role", "--bodies");
    expect(role).toMatchObject({ indices: [{ names: ["siem-alert"] }] });
    expect(bodies).toMatchObject([{ index: "siem-alert" }]);
  });
});

describe("privileges", () => {
  test("what lacks is told with the role that suffices", async () => {
    engine.lacking.add(`read on ${ALERTS}`);
    const { code, out } = await bench.run("doctor", "elastic");
    expect(code).toBe(1);
    expect(out).toContain(
      `problem  privileges  detections: reader lacks read on ${ALERTS}\n    hint: `,
    );
    expect(out).toContain(
      `skipped  index       detections: ${ALERTS}: these credentials may not look`,
    );
    const role = /for PUT \/_security\/role\/tocsin:\n(\{[^]*?\n\})\n/.exec(out)?.[1] ?? "";
    expect(JSON.parse(role)).toEqual({
      cluster: ["monitor"],
      indices: [
        { names: ["siem-alert"], privileges: ["read"] },
        { names: [ALERTS, `.internal${ALERTS}-*`], privileges: ["read"] },
      ],
    });
    expect(out).toMatch(/\n1 problem, 0 warnings\n$/);
  });

  test("--write asks for those of writing as well", async () => {
    engine.lacking.add("create_doc on siem-alert");
    const { of } = await examine("--write");
    expect(of("problem").map(({ text }) => text)).toEqual([
      "reader lacks create_doc on siem-alert",
    ]);
    expect(of("skipped")).toMatchObject([{ step: "test", source: "actions" }]);
    expect(engine.documents).toHaveLength(2);
  });
});

describe("indices", () => {
  test("one that is not there is a warning, with what to paste", async () => {
    configure(["actions: { kind: elastic-actions, cluster: lab, index: siem-new }"]);
    const { code, out } = await bench.run("doctor", "elastic");
    expect(code).toBe(0);
    expect(out).toContain("warning  index       actions: there is no siem-new yet\n    hint: ");
    expect(out).toContain("for PUT /_index_template/siem-new; then PUT /siem-new:\n{\n");
    expect(out).toContain('"index_patterns": ["siem-new*"]');
    expect(out).toContain('"hits": "[{{context.hits}}]"');
    expect(out).toMatch(/\n0 problems, 1 warning\n$/);
  });

  test("each of several is looked into by itself", async () => {
    configure([`${DETECTIONS.slice(0, -1)}, spaces: [default, soc] }`]);
    const { of } = await examine();
    expect(of("warning")).toMatchObject([
      { step: "index", text: "there is no .alerts-security.alerts-soc yet" },
    ]);
  });

  test.each([
    ["@timestamp", "keyword", "problem"],
    ["rule.name", "long", "warning"],
    ["context.hits", "text", "warning"],
  ])("%s mapped as %s is a %s", async (field, type, outcome) => {
    configure([ACTIONS]);
    engine.fields.set(field, type);
    const { of, code } = await examine();
    expect(of(outcome)).toMatchObject([{ step: "mapping", source: "actions" }]);
    expect(of(outcome)[0]?.text).toContain(field);
    expect(code).toBe(outcome === "problem" ? 1 : 0);
  });

  test("no time at all is a warning: documents are read in another order then", async () => {
    configure([ACTIONS]);
    engine.fields.delete("@timestamp");
    const { of } = await examine();
    expect(of("warning")).toMatchObject([{ step: "mapping" }]);
  });

  test("a cluster that no source reads is told so", async () => {
    configure([]);
    const { code, of } = await examine("--write");
    expect(code).toBe(0);
    expect(of("skipped").map(({ step }) => step)).toEqual(["index", "test"]);
  });
});

describe("Kibana", () => {
  const withKibana = () => `url: "${engine.url}", kibana: "${kibana.kibanaUrl}"`;

  test("is asked in every space whose alerts are read", async () => {
    configure([`${DETECTIONS.slice(0, -1)}, spaces: [default, soc] }`], withKibana());
    const { findings } = await examine();
    const asked = findings.filter(({ step }) => step === "kibana").map(({ text }) => text);
    expect(asked).toEqual(["answers in the space default", "answers in the space soc"]);
    expect(kibana.changes).toEqual([]);
  });

  test.each([
    ["warning", ""],
    ["problem", ", write_back: true"],
  ])("that refuses is a %s%s", async (outcome, more) => {
    kibana.misbehave((_received, response) => void response.writeHead(403).end());
    configure([`${DETECTIONS.slice(0, -1)}${more} }`], withKibana());
    const { of } = await examine();
    expect(of(outcome)).toMatchObject([{ step: "kibana" }]);
  });
});

test("a test document is not written while no server runs", async () => {
  const { code, of } = await examine("--write");
  expect(code).toBe(0);
  expect(of("skipped")).toMatchObject([
    { step: "test", text: "no server runs on the data folder, so nothing was written" },
  ]);
  expect(engine.documents).toHaveLength(2);
});

test("all clusters are looked at in turn, or the one that is named", async () => {
  const text = `clusters: { a: { url: "${engine.url}" }, b: { url: "${engine.url}" } }\n`;
  writeFileSync(join(bench.folder, "tocsin.yaml"), text);
  const named = (json: { clusters: Examined[] }) => json.clusters.map(({ cluster }) => cluster);
  expect(named(await bench.json("doctor", "elastic"))).toEqual(["a", "b"]);
  expect(named(await bench.json("doctor", "elastic", "--cluster", "b"))).toEqual(["b"]);
  const { code, err } = await bench.run("doctor", "elastic", "--cluster", "c");
  expect(code).toBe(1);
  expect(err).toContain("the configuration has no cluster c");
});

test("a configuration without a cluster cannot be examined", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), "sources: { hook: { kind: elastic } }\n");
  const { code, err } = await bench.run("doctor", "elastic");
  expect(code).toBe(2);
  expect(err).toContain("tocsin: doctor: the configuration has no cluster\n  hint: ");
});
