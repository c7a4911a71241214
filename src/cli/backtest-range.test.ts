/** `tocsin backtest --cluster`, against a fake Elasticsearch. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startElasticsearch, type FakeElasticsearch } from "../../test/peers/elasticsearch.ts";
import { Database } from "../sqlite/database.ts";
import { insertAction } from "../store/sqlite/actions.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import { fakeSignals, NOW, openBench, type Bench } from "./testing/run.ts";

const MINUTE = 60_000;
const KEY = "key-id:key-s3cret";
const AUTHORIZATION = `ApiKey ${Buffer.from(KEY).toString("base64")}`;
const ALERTS = ".alerts-security.alerts-default";
const RANGE = ["--cluster", "lab", "--index", ".alerts-security.alerts-*"];

let fake: FakeElasticsearch;
let bench: Bench;
let temporary: string;
beforeEach(async () => {
  const documents = [
    alertAt(300, "old", "Too old", "high"),
    alertAt(90, "a", "Brute force", "critical"),
    alertAt(30, "b", "Brute force", "critical"),
    alertAt(20, "c", "Odd login", "low"),
  ];
  fake = await startElasticsearch({ documents, authorization: AUTHORIZATION });
  bench = openBench({ env: { ES_KEY: KEY } });
  temporary = mkdtempSync(join(tmpdir(), "tocsin-range-"));
  vi.stubEnv("TMPDIR", temporary);
  configure();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  bench.dispose();
  rmSync(temporary, { recursive: true });
  await fake.close();
});

function alertAt(ago: number, uuid: string, name: string, severity: string) {
  const time = new Date(NOW - ago * MINUTE).toISOString();
  const alert = { uuid, severity, rule: { uuid: name, name } };
  return {
    _index: ALERTS,
    _id: uuid,
    _source: { "@timestamp": time, kibana: { alert }, ingested: time },
  };
}

function configure(more = "", to = "[soc]", file = "tocsin.yaml"): void {
  writeFileSync(
    join(bench.folder, file),
    `clusters: { lab: { url: "${fake.url}", api_key: "\${env:ES_KEY}" } }
sources:
  web: { kind: generic }
  alerts: { kind: elastic }
  others: { kind: elastic }
destinations: { soc: { kind: log }, desk: { kind: log } }
routes:
  - { name: urgent, match: "severity >= high", to: ${to} }
  - { name: rest, to: [desk] }
${more}`,
  );
}

const backtest = (...argv: string[]) => bench.run("backtest", "--since", "2h", ...argv);

it("decides the documents of the range at their own times, without a data folder", async () => {
  const { code, out } = await backtest(...RANGE, "--json");
  expect(code).toBe(0);
  const { report, left_out: left, since } = JSON.parse(out);
  expect(since).toBe("2026-03-01T08:00:00.000Z");
  expect(left).toEqual({ quarantined: 0, repeated: 0, empty: 0 });
  expect(report).toMatchObject({ entries: 3, messages: 3, unreached: 0, outcomes: { alert: 3 } });
  expect(report.destinations).toMatchObject([
    { name: "desk", hours: [{ hour: "2026-03-01T09:00:00.000Z", messages: 1 }] },
    {
      name: "soc",
      hours: [
        { hour: "2026-03-01T08:00:00.000Z", messages: 1 },
        { hour: "2026-03-01T09:00:00.000Z", messages: 1 },
      ],
    },
  ]);
  expect(readdirSync(bench.folder)).toEqual(["tocsin.yaml"]);
});

it("leaves nothing behind, in the cluster or on the disk", async () => {
  expect((await backtest(...RANGE)).code).toBe(0);
  expect(fake.searches.length).toBeGreaterThan(0);
  expect([fake.open.size, readdirSync(temporary)]).toEqual([0, []]);
});

it("uses the policies: a repeat within the window is no message", async () => {
  configure("fold: [{ name: same, by: [rule.name], window: 2h }]");
  const { report } = await bench.json("backtest", "--since", "2h", ...RANGE);
  expect(report).toMatchObject({ messages: 2, outcomes: { alert: 2, repeat: 1 } });
});

it("says what another configuration would change, and fails for what is lost", async () => {
  configure("", "[]");
  configure("", "[soc]", "old.yaml");
  const { code, out } = await backtest(...RANGE, "--against", "old.yaml");
  expect(code).toBe(1);
  expect(out).toMatch(/soc +2 +0 +-2\n/);
  expect(out).toMatch(/2 events reached somebody before and would reach nobody/);
});

describe("--source", () => {
  it("is the first of kind elastic unless named; a document is decoded by it", async () => {
    configure("fold: [{ name: f, match: 'source.name: alerts', by: [source.name], window: 2h }]");
    const outcomes = async (...argv: string[]) =>
      (await bench.json("backtest", "--since", "2h", ...RANGE, ...argv)).report.outcomes;
    expect(await outcomes()).toEqual({ alert: 1, repeat: 2 });
    expect(await outcomes("--source", "others")).toEqual({ alert: 3 });
  });

  it("that cannot read the documents leaves them out, and says so", async () => {
    const text = `clusters: { lab: { url: "${fake.url}", api_key: "\${env:ES_KEY}" } }
sources: { rows: { kind: generic, items: rows } }
destinations: { soc: { kind: log } }
routes: [{ name: all, to: [soc] }]
`;
    writeFileSync(join(bench.folder, "tocsin.yaml"), text);
    const { out } = await backtest(...RANGE, "--source", "rows");
    expect(out).toMatch(/decided 0 events .*\nleft out: 3 in quarantine\n/);
  });
});

it("counts time by another field when told to", async () => {
  const { code } = await backtest(...RANGE, "--time-field", "ingested");
  expect(code).toBe(0);
  expect(fake.searches[0]).toMatchObject({ sort: [{ ingested: {} }, {}] });
});

it("does to documents nothing of what people did to alerts of the log", async () => {
  configure("", "[soc], group_by: [rule.name], group_wait: 10m");
  const data = join(bench.folder, "data");
  mkdirSync(data);
  await openSqliteStore(join(data, "store.db")).close();
  const database = new Database(join(data, "store.db"));
  const closed = { who: "ann", kind: "alert.changed", detail: { status: "closed" } };
  // While the message about the first document would wait for its group.
  insertAction(database, { ...closed, at: NOW - 85 * MINUTE, target: "ALR-000001" });
  database.close();
  const { report } = await bench.json("backtest", "--since", "2h", ...RANGE);
  expect(report).toMatchObject({ messages: 3, suppressed: {} });
});

describe("fails with a hint for", () => {
  it.each([
    [["--cluster", "lab"], 64, /need both --cluster and --index/, /--index '/],
    [["--index", "x"], 64, /need both --cluster and --index/, /--cluster lab/],
    [["--source", "alerts"], 64, /need both --cluster and --index/, /--cluster lab/],
    [["--cluster", "lba", "--index", "x"], 64, /no cluster lba/, /did you mean `lab`/],
    [[...RANGE, "--source", "alrts"], 64, /no source alrts/, /did you mean `alerts`/],
    [["--cluster", "lab", "--index", "logs"], 64, /cluster lab: reading logs: there is/, /name/],
    [["--cluster", "lab", "--index", "logs-*"], 64, /reading logs-\*: there is no such/, /name/],
    [["--cluster", "lab", "--index", ".."], 2, /is not an index/, /write it like/],
  ])("%j (exit code %i)", async (argv, expected, message, hint) => {
    const { code, out, err } = await backtest(...argv);
    const [first, second] = err.split("\n");
    expect([code, out]).toEqual([expected, ""]);
    expect(first).toMatch(message);
    expect(second).toMatch(/^ {2}hint: /);
    expect(second).toMatch(hint);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("a configuration without clusters, or without a source for documents", async () => {
    const rest = "sources: { web: { kind: generic } }\ndestinations: { soc: { kind: log } }\n";
    const write = (text: string) => writeFileSync(join(bench.folder, "tocsin.yaml"), text);
    write(`${rest}routes: [{ name: all, to: [soc] }]\n`);
    const none = await backtest(...RANGE);
    expect([none.code, none.err]).toEqual([64, expect.stringMatching(/hint: add it: clusters:/)]);
    write(`clusters: { lab: { url: "${fake.url}" } }\n${rest}routes: [{ name: all, to: [soc] }]\n`);
    const unread = await backtest(...RANGE);
    expect(unread.code).toBe(64);
    expect(unread.err).toMatch(/no source of kind elastic.*\n {2}hint: .*--source/);
  });

  it("refused credentials, which are in no message", async () => {
    const { code, err } = await bench.runWith(
      { env: { ES_KEY: "wr0ng-s3cret" } },
      "backtest",
      "--since",
      "2h",
      ...RANGE,
      "--json",
    );
    expect(code).toBe(2);
    expect(JSON.parse(err).error).toMatchObject({
      code: "CLUSTER_REFUSED",
      component: "cluster lab",
    });
    expect(err).not.toContain("wr0ng-s3cret");
  });
});

it("a signal ends it, and nothing stays behind", async () => {
  const signals = fakeSignals();
  const abandoned: number[] = [];
  fake.misbehave(({ path }) => {
    if (path === "/_search") signals.send("SIGINT");
    return path === "/_search";
  });
  const world = { onStop: signals.onStop, abandon: (code: number) => void abandoned.push(code) };
  await bench.runWith(world, "backtest", "--since", "2h", ...RANGE);
  expect(abandoned).toEqual([130]);
  expect([fake.open.size, readdirSync(temporary), signals.listening]).toEqual([0, [], false]);
});
