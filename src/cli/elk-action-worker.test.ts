import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startElasticsearch, type FakeElasticsearch } from "../../test/peers/elasticsearch.ts";
import { startPeer } from "../../test/peers/peer.ts";
import { fakeSignals, openBench, type Bench } from "./testing/run.ts";

const WORKER = "elk-action-worker";

let bench: Bench;
let engine: FakeElasticsearch;
beforeEach(async () => {
  bench = openBench({ now: Date.now });
  engine = await startElasticsearch();
  configure();
});
afterEach(async () => {
  await engine.close();
  bench.dispose();
});

const OUT = "destinations: { out: { kind: file, path: out.ndjson } }";

function configure(more = OUT, listen = "127.0.0.1:0", clusters = `lab: { url: "${engine.url}" }`) {
  const text = `
listen: ${listen}
log: { level: error }
clusters: { ${clusters} }
sources: { kibana: { kind: kibana, listen: "${listen}" } }
routes: [{ name: all, to: [out] }]
${more}
`;
  writeFileSync(join(bench.folder, "tocsin.yaml"), text);
}

/** Indexes what the connector writes for a rule that found one document, so many seconds ago. */
function act(id: string, secondsAgo = 60, index = "siem-alert"): void {
  const time = new Date(Date.now() - secondsAgo * 1000).toISOString();
  const hits = [{ _index: "logs", _id: id, _source: { "@timestamp": time, message: id } }];
  const _source = { "@timestamp": time, rule: { id: "r", name: "Rare host" }, context: { hits } };
  engine.documents.push({ _index: index, _id: `action-${id}`, _source });
}

interface Sent {
  readonly alert: { readonly external: { readonly id: string }; readonly source: object };
}

function delivered(): Sent["alert"][] {
  const file = join(bench.folder, "out.ndjson");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => (JSON.parse(line) as Sent).alert);
}

const ids = () => delivered().map(({ external }) => external.id);

test("--once reads to the end, delivers and ends; the next run goes on from there", async () => {
  for (const id of ["a", "b", "c"]) act(id);
  const first = await bench.run(WORKER, "--once", "--size", "2");
  expect(first).toMatchObject({ code: 0, err: "" });
  const day = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`;
  const line = `^read siem-alert of cluster lab to ${day}: 3 new, 0 known, 0 quarantined\n$`;
  expect(first.out).toMatch(new RegExp(line));
  expect(ids().toSorted()).toEqual(["a", "b", "c"]);
  expect(delivered()[0]?.source).toMatchObject({ name: "actions", kind: "elastic-actions" });

  expect((await bench.run(WORKER, "--once")).out).toMatch(/: 0 new, \d known, 0 quarantined\n$/);
  act("d", 30);
  expect((await bench.run(WORKER, "--once")).out).toContain(": 1 new, ");
  expect(ids()).toHaveLength(4);
  expect((await bench.run("audit")).code).toBe(0);
});

test("--once --json has what was read and what waits", async () => {
  act("a");
  expect(await bench.json(WORKER, "--once")).toEqual({
    source: "actions",
    cluster: "lab",
    index: "siem-alert",
    read_to: expect.stringMatching(/^\d{4}-.*Z$/),
    received: { new: 1, known: 0, quarantined: 0 },
    waiting: 0,
    done: true,
  });
});

test("the first run begins where --start-time says", async () => {
  act("old", 7200);
  act("older", 14_400);
  expect((await bench.run(WORKER, "--once", "--start-time", "3h")).out).toContain(": 1 new");
  expect(ids()).toEqual(["old"]);
});

test("another index is read from its own beginning", async () => {
  act("a", 60);
  await bench.run(WORKER, "--once");
  act("b", 60, "soc");
  expect((await bench.run(WORKER, "--once", "--index", "soc")).out).toContain(": 1 new");
  expect(delivered().at(-1)?.source).toMatchObject({ name: "actions-soc" });
});

test.each([503, 404])(
  "a poll answered with %s ends --once with 2, and the error",
  async (status) => {
    engine.down = status;
    const { code, out, err } = await bench.run(WORKER, "--once");
    expect(code).toBe(2);
    expect(out).toMatch(/^read siem-alert of cluster lab to [^:]+:.*: 0 new/);
    expect(err).toMatch(/^tocsin: .*(503|404)/);
    engine.down = null;
    act("a");
    expect((await bench.run(WORKER, "--once")).code).toBe(0);
    expect(ids()).toEqual(["a"]);
  },
);

test("an index that is not there is one that could not be read", async () => {
  const error = { type: "index_not_found_exception", reason: "no such index [siem-alert]" };
  const peer = await startPeer((_received, response) => {
    response.writeHead(404, { "content-type": "application/json" });
    response.end(JSON.stringify({ error, status: 404 }));
  });
  configure(OUT, "127.0.0.1:0", `lab: { url: "${peer.url}" }`);
  const { code, out, err } = await bench.run(WORKER, "--once", "--json");
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({ done: false });
  expect(JSON.parse(err).error).toMatchObject({ code: "NOT_FOUND" });
  await peer.close();
});

test("all that is due is sent before --once ends", async () => {
  const hook = await startPeer((_received, response) => void response.end());
  const out = `{ kind: webhook, url: "${hook.url}/", concurrency: 1 }`;
  configure(`destinations: { out: ${out} }`);
  for (let index = 0; index < 30; index += 1) act(`a${index}`);
  expect((await bench.json(WORKER, "--once")).waiting).toBe(0);
  expect(hook.received).toHaveLength(30);
  await hook.close();
});

test("deliveries that wait for another try are told, and tried by the next run", async () => {
  const port = await freePort();
  const hook = `{ out: { kind: webhook, url: "http://127.0.0.1:${port}/" } }`;
  configure(`destinations: ${hook}`);
  act("a");
  const { code, out } = await bench.run(WORKER, "--once");
  expect(code).toBe(0);
  expect(out).toMatch(/\n1 delivery waits for its next try, which is up to the next run\n$/);
});

test("--url reads a cluster that is not in the configuration", async () => {
  configure(OUT, "127.0.0.1:0", "");
  act("a");
  const { out } = await bench.run(WORKER, "--once", "--url", engine.url);
  expect(out).toContain("of cluster command-line to");
  expect(ids()).toEqual(["a"]);
});

test("it runs until it is stopped, beside whatever has the configured port", async () => {
  const other = await listen();
  configure(OUT, `127.0.0.1:${portOf(other)}`);
  act("a");
  const signals = fakeSignals();
  let out = "";
  const running = bench.runWith(
    { onStop: signals.onStop, stdout: (text) => void (out += String(text)) },
    WORKER,
    "--interval",
    "100ms",
  );
  await vi.waitFor(() => expect(ids()).toEqual(["a"]), { timeout: 10_000 });
  act("b", 30);
  await vi.waitFor(() => expect(ids()).toEqual(["a", "b"]), { timeout: 10_000 });
  signals.send("SIGINT");
  expect((await running).code).toBe(0);
  expect(out).toBe("reading siem-alert of cluster lab every 100ms, as actions\n");
  other.close();
});

test("--json says on one line what is read, and nothing of the configuration", async () => {
  const signals = fakeSignals();
  let out = "";
  const stdout = (text: string | Uint8Array) => void (out += String(text));
  const running = bench.runWith({ onStop: signals.onStop, stdout }, WORKER, "--json");
  await vi.waitFor(() => expect(out).toContain("\n"), { timeout: 10_000 });
  signals.send("SIGTERM");
  await running;
  expect(JSON.parse(out)).toEqual({
    reading: { source: "actions", cluster: "lab", index: "siem-alert" },
  });
});

test("a signal ends --once in order, and says that more is to be done", async () => {
  const silent = await startPeer(() => {});
  configure(OUT, "127.0.0.1:0", `lab: { url: "${silent.url}" }`);
  const signals = fakeSignals();
  const running = bench.runWith({ onStop: signals.onStop }, WORKER, "--once");
  await vi.waitFor(() => expect(silent.received).not.toEqual([]), { timeout: 10_000 });
  signals.send("SIGTERM");
  const { code, out } = await running;
  expect(code).toBe(0);
  expect(out).toMatch(/\nstopped before all was read and sent; the next run goes on\n$/);
  await silent.close();
});

const A_CLUSTER = ["--url", "https://es.lab:9200"];

test.each([
  [["--interval", "soon"], /--interval: "soon" is not a duration\n {2}hint: write it like 30s/],
  [["--interval", "1ms"], /--interval: 100ms is the shortest\n/],
  [["--size", "many"], /--size: must be a number, not text\n/],
  [["--size", "20000"], /--size: must be at most 10000\n/],
  [["--index", "a/b"], /--index: not an index\n/],
  [["--start-time", "tomorrow"], /--start-time: "tomorrow" is not a time\n/],
  [["--url", "es.lab"], /--url: /],
  [["--cluster", "lob"], /no cluster lob\n {2}hint: did you mean `lab`\?\n/],
  [["--cluster", "lab", ...A_CLUSTER], /cannot be used with/],
])("wrong usage is told with its option: %j", async (argv, message) => {
  const { code, out, err } = await bench.run(WORKER, "--once", ...argv);
  expect({ code, out }).toEqual({ code: 64, out: "" });
  expect(err).toMatch(message);
});

test("a configuration that is broken is told at its place in the file", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), "lisen: x\n");
  const { code, err } = await bench.run(WORKER, "--once");
  expect(code).toBe(2);
  expect(err).toMatch(/^tocsin\.yaml:1:1 /);
});

async function listen(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = await listen();
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
