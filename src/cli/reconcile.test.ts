import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startElasticsearch, type FakeElasticsearch } from "../../test/peers/elasticsearch.ts";
import { fakeSignals, openBench, type Bench } from "./testing/run.ts";

const HOUR = 3600;

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

function configure(more = "", rest = "") {
  const text = `
log: { level: error }
clusters: { lab: { url: "${engine.url}" } }
sources:
  rules: { kind: elastic-actions, cluster: lab, start_time: 12h, reconcile: false }
  kibana: { kind: kibana }
  ${more}
destinations: { out: { kind: file, path: out.ndjson } }
routes: [{ name: all, to: [out] }]
${rest}
`;
  writeFileSync(join(bench.folder, "tocsin.yaml"), text);
}

/** Indexes what the connector writes for a rule that found one document, so many seconds ago. */
function act(id: string, secondsAgo = 60): void {
  const time = new Date(Date.now() - secondsAgo * 1000).toISOString();
  const hits = [{ _index: "logs", _id: id, _source: { "@timestamp": time, message: id } }];
  const _source = { "@timestamp": time, rule: { id: "r", name: "Rare host" }, context: { hits } };
  engine.documents.push({ _index: "siem-alert", _id: `action-${id}`, _source });
}

/** Reads what there is, as `rules`. */
const readOnce = () => bench.run("elk-action-worker", "--once");

function delivered(): string[] {
  const file = join(bench.folder, "out.ndjson");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line).alert.external.id as string);
}

const missLate = async () => {
  act("a");
  await readOnce();
  act("late", 3 * HOUR);
};

const DAY = String.raw`\d{4}-\d\d-\d\d`;

test("nothing is missing of what was read", async () => {
  act("a");
  act("b", 2 * HOUR);
  await readOnce();
  const { code, out, err } = await bench.run("reconcile");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(new RegExp(`^rules: found 2, missing 0 \\(${DAY} .*Z to ${DAY} .*Z\\)\n$`));
});

test("what became visible too late is listed by rule and hour, with what to do", async () => {
  await missLate();
  const { code, out } = await bench.run("reconcile");
  expect(code).toBe(1);
  const [first, header, row, ...rest] = out.trimEnd().split("\n");
  expect(first).toMatch(/^rules: found 2, missing 1 \(/);
  expect(header).toMatch(/^RULE +HOUR +COUNT +WHY +EXAMPLE$/);
  expect(row).toMatch(
    new RegExp(`^Rare host +${DAY} \\d\\d:00Z +1 +late +es:siem-alert/action-late$`),
  );
  expect(rest).toEqual([
    expect.stringMatching(/^late: /),
    expect.stringMatching(/^ {2}raise `overlap`/),
    "--backfill would fetch 1 event",
  ]);
  expect((await readOnce()).code).toBe(0);
  expect(delivered()).toEqual(["a"]);
});

test("--backfill fetches it, once, and the next start decides it", async () => {
  await missLate();
  const { code, out } = await bench.run("reconcile", "--backfill");
  expect(code).toBe(0);
  const line = "fetched 1; a running server decides them within a second, else the next start";
  expect(out.trimEnd().split("\n").at(-1)).toBe(line);
  expect(await bench.run("reconcile")).toMatchObject({ code: 0 });
  await readOnce();
  expect(delivered()).toEqual(["a", "late"]);
  expect((await bench.run("audit")).code).toBe(0);
});

test("--backfill beside a running server is decided there", async () => {
  await missLate();
  const signals = fakeSignals();
  let printed = "";
  const stdout = (text: string | Uint8Array) => void (printed += String(text));
  const argv = ["elk-action-worker", "--interval", "1h"];
  const running = bench.runWith({ onStop: signals.onStop, stdout }, ...argv);
  await vi.waitFor(() => expect(printed).toContain("reading"), { timeout: 10_000 });
  expect((await bench.run("reconcile", "--backfill")).code).toBe(0);
  await vi.waitFor(() => expect(delivered()).toContain("late"), { timeout: 10_000 });
  signals.send("SIGTERM");
  expect((await running).code).toBe(0);
});

test("what is from before the start is told, and is nobody's loss", async () => {
  await missLate();
  engine.documents.pop();
  act("early", 13 * HOUR);
  const { code, out } = await bench.run("reconcile", "--backfill");
  expect(code).toBe(0);
  expect(out).toMatch(/ before_start +es:siem-alert\/action-early\nbefore_start: /);
  expect(out).not.toContain("fetched");
});

test("--since says how far to look back, and --json has the reports", async () => {
  await missLate();
  const near = await bench.json("reconcile", "--since", "1h");
  expect(near.items).toMatchObject([{ source: "rules", found: 1, missing_count: 0 }]);
  const far = await bench.json("reconcile", "--source", "rules");
  expect(far.items).toMatchObject([
    { found: 2, missing_count: 1, backfilled: 0, missing: [{ reason: "late", count: 1 }] },
  ]);
});

test("it does not look where retention may have been, and says so", async () => {
  configure("", "retention: { delivered: 2h, quarantine: 2h }");
  await missLate();
  const { code, out } = await bench.run("reconcile", "--since", "5h");
  expect(code).toBe(0);
  expect(out).toContain("\n  looked back no further: what is older may be gone from here");
});

test("a source that cannot be compared does not keep the others from it", async () => {
  const dead = `dead: { url: "http://127.0.0.1:1" }`;
  await missLate();
  configure("alerts: { kind: elastic-alerts, cluster: dead }");
  const file = join(bench.folder, "tocsin.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("clusters: {", `clusters: { ${dead},`));
  await bench.run("elk-action-worker", "--once", "--cluster", "lab");
  const { code, out } = await bench.run("reconcile");
  expect(code).toBe(1);
  expect(out).toMatch(/^rules: found 2, missing 1/);
  expect(out).toMatch(/\n\nalerts: was not read beyond .* yet, so nothing can be missing\n$/);
  engine.down = 503;
  const down = await bench.run("reconcile");
  expect(down.code).toBe(2);
  expect(down.out).toMatch(/^rules: could not be compared: .*503/);
  expect((await bench.json("reconcile")).items[0]).toMatchObject({
    source: "rules",
    error: { code: "REQUEST_FAILED" },
  });
});

test("--source needs only what that source needs", async () => {
  await missLate();
  configure("alerts: { kind: elastic-alerts, cluster: broken }");
  const file = join(bench.folder, "tocsin.yaml");
  const broken = `clusters: { broken: { url: "https://es.lab", ca: ./none.pem },`;
  writeFileSync(file, readFileSync(file, "utf8").replace("clusters: {", broken));
  expect((await bench.run("reconcile")).err).toContain("none.pem");
  const { code, out } = await bench.run("reconcile", "--source", "rules");
  expect(code).toBe(1);
  expect(out).toMatch(/^rules: found 2, missing 1/);
});

test.each([
  ["rulse", "the configuration has no source rulse\n  hint: did you mean `rules`?"],
  ["kibana", "source kibana is sent to and not read: it has no index to compare with"],
])("--source %s is wrong usage", async (name, message) => {
  const { code, err } = await bench.run("reconcile", "--source", name);
  expect(code).toBe(64);
  expect(err).toContain(message);
});

test("without data there is nothing to compare with", async () => {
  const { code, err } = await bench.run("reconcile");
  expect(code).toBe(2);
  expect(err).toMatch(/^tocsin: data: there is no data in /);
});

test("without a source that is read there is nothing to compare", async () => {
  writeFileSync(join(bench.folder, "tocsin.yaml"), "sources: { kibana: { kind: kibana } }");
  const { code, err } = await bench.run("reconcile");
  expect(code).toBe(2);
  expect(err).toMatch(
    /^tocsin: reconcile: the configuration has no source that is read\n {2}hint: /,
  );
});
