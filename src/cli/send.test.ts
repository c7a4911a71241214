import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sentTo } from "../sources/index.ts";
import { startPeer } from "../../test/peers/peer.ts";
import { openBench, type Bench } from "./testing/run.ts";

let bench: Bench;
beforeEach(() => void (bench = openBench()));
afterEach(() => bench.dispose());

const ALERT = {
  "@timestamp": "2026-03-01T09:00:00.000Z",
  "kibana.alert.uuid": "5d1f",
  "kibana.alert.rule.name": "Odd login\u001b[2J",
  "kibana.alert.severity": "high",
  "source.ip": "198.51.100.7",
  "winlog.event_id": 4625,
};
const CONFIGURATION = `
sources:
  elastic:
    kind: elastic
    fields:
      - { path: winlog.event_id, field: tags }
      - { path: winlog.nothing, artifact: account }
destinations: { file: { kind: file, path: out.ndjson } }
routes: [{ name: all, to: [file] }]
`;

const write = (name: string, content: unknown) =>
  writeFileSync(
    join(bench.folder, name),
    typeof content === "string" ? content : JSON.stringify(content),
  );

test("a dry run shows what an alert would become and what every mapping produced", async () => {
  write("tocsin.yaml", CONFIGURATION);
  write("alert.json", ALERT);
  const argv = ["send", "--dry-run", "--source", "elastic", "alert.json"];
  const { events, rejected } = await bench.json(...argv);
  expect(rejected).toEqual([]);
  expect(events).toMatchObject([
    {
      key: "kibana.alert.uuid:5d1f",
      alert: { severity: "high", tags: ["4625"] },
      mappings: [
        { path: "winlog.event_id", found: [4625], produced: "tags = 4625" },
        { path: "winlog.nothing", found: [], produced: "nothing found" },
      ],
    },
  ]);
});

test("what a dry run prints cannot command the terminal", async () => {
  write("tocsin.yaml", CONFIGURATION);
  write("alert.json", ALERT);
  const { code, out } = await bench.run("send", "--dry-run", "--source", "elastic", "alert.json");
  expect(code).toBe(0);
  expect(out).toContain("Odd login");
  expect(out).not.toContain("\u001b");
  expect(out).toMatch(/artifacts +ip 198\.51\.100\.7 +\(source, source\.ip\)/);
  expect(out).toMatch(/mapping +winlog\.event_id → tags = 4625/);
});

test("a dry run of what cannot be understood says why and exits 1", async () => {
  write("broken.json", '{"a": ');
  const { code, out } = await bench.run("send", "--dry-run", "--source", "elastic", "broken.json");
  expect(code).toBe(1);
  expect(out).toMatch(/^0 events, 1 rejected\n\nrejected unreadable: /);
});

test("a dry run needs no data folder and makes none", async () => {
  const io = { readStdin: async () => Buffer.from(JSON.stringify(ALERT)) };
  const { code } = await bench.runWith(io, "send", "--dry-run", "--source", "elastic", "-");
  expect(code).toBe(0);
  expect((await bench.run("key", "list")).err).toContain("there is no data");
});

test.each(sentTo.map(({ kind }) => kind))(
  "the sample of %s is found and understood",
  async (kind) => {
    const trial = await bench.json("send", "--dry-run", "--sample", kind);
    expect(trial.source).toBe(kind);
    expect(trial.events.length).toBeGreaterThan(0);
    expect(trial.rejected).toEqual([]);
  },
);

test.each([
  [["send"], 64, "missing argument 'file'"],
  [["send", "a.json"], 64, "missing option '--source'"],
  [["send", "a.json", "--sample", "kibana"], 64, "a file and --sample were given"],
  [["send", "a.json", "--source", "kibana"], 2, "cannot read a.json"],
  [["send", "--sample", "kibanna"], 1, "no kind of source kibanna"],
  [["send", "--sample", "elastic/nothing"], 1, "no sample elastic/nothing"],
  [["send", "--sample", "elastic", "--source", "elastik", "--dry-run"], 1, "no source elastik"],
  [["send", "--sample", "elastic", "--url", "localhost"], 64, "--url localhost is not"],
  [["send", "--sample", "elastic", "--url", "http://127.0.0.1:1"], 2, "no answer from"],
  [["send", "--sample", "elastic", "--count", "0"], 64, "--count <n>"],
])("%j fails with %i and a hint", async (argv, expected, message) => {
  const { code, out, err } = await bench.run(...argv);
  expect({ code, out }).toEqual({ code: expected, out: "" });
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: /);
});

/** Runs `use` beside a server that answers alike to everything; answers what it received. */
async function answering(status: number, body: unknown, use: (url: string) => Promise<void>) {
  const peer = await startPeer((_received, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  await use(peer.url);
  await peer.close();
  return peer.received;
}

test("a body is posted as it is, with the key of the environment", async () => {
  write("alert.json", '{"a":  1}');
  const answer = { accepted: 1, duplicates: 0, events: [{ id: "01", key: "k" }] };
  const requests = await answering(202, answer, async (url) => {
    const env = { TOCSIN_KEY: "tcs_x" };
    const argv = ["send", "alert.json", "--source", "elastic", "--url", url, "--json"];
    const { code, out } = await bench.runWith({ env }, ...argv);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ...answer, refused: [] });
  });
  expect(requests).toMatchObject([
    { path: "/v1/ingest/elastic", body: '{"a":  1}', headers: { authorization: "Bearer tcs_x" } },
  ]);
  expect(requests[0]?.headers).not.toHaveProperty("idempotency-key");
});

test("with --count every copy is an event of its own", async () => {
  const answer = { accepted: 1, duplicates: 0, events: [] };
  const requests = await answering(202, answer, async (url) => {
    const { out } = await bench.run("send", "--sample", "elastic", "--url", url, "--count", "3");
    expect(out).toContain("accepted 3,");
  });
  expect(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(3);
});

test("a sample is a new event each time, and so is what it tells of", async () => {
  const answer = { accepted: 1, duplicates: 0, events: [] };
  const requests = await answering(202, answer, async (url) => {
    const argv = ["send", "--sample", "superna", "--url", url];
    await bench.run(...argv);
    await bench.run(...argv, "--count", "2");
    await bench.run("send", "--sample", "elastic", "--url", url);
  });
  expect(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(4);
  const bodies = requests.slice(0, 3).map(({ body }) => JSON.parse(body) as { id: string });
  expect(new Set(bodies.map(({ id }) => id)).size).toBe(3);
  expect(bodies).toMatchObject(Array(3).fill({ severity: "MAJOR", state: "LOCKED_OUT" }));
  // What names its subject by the key alone is sent as it stands.
  expect(requests[3]?.body).toContain("kibana.alert.uuid");
});

test("a sample goes to the listener of the source of its kind, without the configuration's secrets", async () => {
  const answer = { accepted: 1, duplicates: 0, events: [] };
  const requests = await answering(202, answer, async (url) => {
    const address = `127.0.0.1:${new URL(url).port}`;
    write(
      "tocsin.yaml",
      `listen: 127.0.0.1:1\ntoken: "\${env:NO}"\nsources: { storage: { kind: superna, listen: "${address}", auth: none } }`,
    );
    expect((await bench.run("send", "--sample", "superna")).code).toBe(0);
    expect((await bench.run("send", "--sample", "superna", "--source", "x")).code).toBe(2);
    const other = ["--source", "x", "--url", url];
    expect((await bench.run("send", "--sample", "superna", ...other)).code).toBe(0);
  });
  expect(requests.map(({ path }) => path)).toEqual(["/v1/ingest/storage", "/v1/ingest/x"]);
});

test("a refusal is told with its reason, the way to what was kept, and exit code 1", async () => {
  const problem = { message: "it cannot be read", quarantine_id: "01QUARANTINE" };
  await answering(422, problem, async (url) => {
    const { code, err } = await bench.run("send", "--sample", "elastic", "--url", url);
    expect(code).toBe(1);
    expect(err).toBe(
      "tocsin: send: the server answered 422: it cannot be read\n" +
        "  hint: it is kept: tocsin quarantine show 01QUARANTINE\n",
    );
  });
});

test("a partly readable body is accepted and still exits 1", async () => {
  const item = { id: "01Q", reason: "not_an_alert", detail: "no alert was found in it" };
  const answer = { accepted: 1, duplicates: 0, events: [], quarantined: [item] };
  await answering(202, answer, async (url) => {
    const { code, out } = await bench.run("send", "--sample", "elastic", "--url", url);
    expect(code).toBe(1);
    expect(out).toContain("01Q  quarantined, not_an_alert: no alert was found in it");
  });
});

test("an answer that is not Tocsin's is not taken for an acknowledgement", async () => {
  await answering(200, "hello", async (url) => {
    const { code, err } = await bench.run("send", "--sample", "elastic", "--url", url);
    expect(code).toBe(1);
    expect(err).toContain("--url leads to something that is not Tocsin");
  });
});
