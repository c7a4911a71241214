/** `tocsin backtest --cluster` on alerts in a real engine, kept as Kibana keeps them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NOW, openBench, type Bench } from "../../src/cli/testing/run.ts";
import type { Engine } from "./distribution.ts";
import { describeEngines, START_TIMEOUT } from "./engines.ts";
import { startSearchEngine, type SearchEngine } from "./search-engine.ts";

const USER = { name: "reader", password: "reader-s3cret" };
/** Kibana's backing index is hidden, and so is the alias that leads to it. */
const INDEX = ".internal.alerts-security.alerts-default-000001";
const ALIAS = ".alerts-security.alerts-default";
const PATTERN = ".alerts-security.alerts-*";
const HOSTS = 30;
const ALERTS = 2400;

describeEngines(testBacktest);

function testBacktest(engine: Engine): void {
  // The distribution of OpenSearch has no security plugin.
  const user = engine.flavour === "elasticsearch" ? USER : undefined;
  let server: SearchEngine;
  let bench: Bench;

  beforeAll(async () => {
    server = await startSearchEngine({ ...engine, ...(user && { user }) });
    bench = openBench({ env: { PASSWORD: USER.password } });
    await fill();
    writeFileSync(join(bench.folder, "tocsin.yaml"), configuration());
  }, START_TIMEOUT);
  afterAll(async () => {
    bench?.dispose();
    await server?.stop();
  });

  const run = (...argv: string[]) => bench.run("backtest", "--cluster", "lab", ...argv);

  /** What is high goes to one destination, the rest to another; a host speaks once. */
  function configuration(): string {
    const credentials = user ? `, username: ${user.name}, password: "\${env:PASSWORD}"` : "";
    return `clusters: { lab: { url: "${server.url}"${credentials} } }
sources: { alerts: { kind: elastic } }
destinations: { soc: { kind: log }, archive: { kind: log } }
fold: [{ name: hosts, by: [host.name], window: 2h }]
routes:
  - { name: urgent, match: "severity >= high", to: [soc] }
  - { name: rest, to: [archive] }
`;
  }

  async function ask(method: string, path: string, body: string): Promise<unknown> {
    const type = path.includes("_bulk") ? "x-ndjson" : "json";
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        "content-type": `application/${type}`,
        ...(user && { authorization: `Basic ${btoa(`${user.name}:${user.password}`)}` }),
      },
      body,
    });
    const text = await answer.text();
    expect(answer.status, text).toBeLessThan(300);
    return JSON.parse(text);
  }

  /** An hour of alerts, and one more on either side of it. */
  async function fill(): Promise<void> {
    const settings = { number_of_shards: 2, number_of_replicas: 0, hidden: true };
    const mappings = { properties: { "@timestamp": { type: "date" } } };
    const aliases = { [ALIAS]: { is_hidden: true } };
    await ask("PUT", `/${INDEX}`, JSON.stringify({ settings, mappings, aliases }));
    const times = Array.from({ length: ALERTS }, (_, n) => NOW - 3_600_000 + (n % 3600) * 1000);
    const lines = [...times, NOW - 3_600_001, NOW].flatMap((time, n) => [
      JSON.stringify({ index: { _id: `alert-${n}` } }),
      JSON.stringify(alertOf(n, time)),
    ]);
    const done = await ask("POST", `/${INDEX}/_bulk?refresh=true`, `${lines.join("\n")}\n`);
    expect(done).toMatchObject({ errors: false });
  }

  it("decides each alert of the range once, with the configuration's policies", async () => {
    const { code, out, err } = await run("--index", PATTERN, "--since", "1h", "--json");
    expect([code, err]).toEqual([0, ""]);
    const { report, left_out: left } = JSON.parse(out);
    expect(left).toEqual({ quarantined: 0, repeated: 0, empty: 0 });
    expect(report).toMatchObject({
      entries: ALERTS,
      outcomes: { alert: HOSTS, repeat: ALERTS - HOSTS },
      messages: HOSTS,
      unreached: 0,
    });
    expect(report.destinations).toMatchObject([
      { name: "archive", messages: HOSTS / 2 },
      { name: "soc", messages: HOSTS / 2 },
    ]);
  });

  it("says that an index is not there", async () => {
    const { code, err } = await run("--index", "alerts-of-nobody", "--since", "1h");
    expect(code).toBe(64);
    expect(err).toMatch(/cluster lab: reading alerts-of-nobody: there is no such index/);
  });

  if (user)
    it("says that a wrong password is refused, and does not say it", async () => {
      const argv = ["backtest", "--cluster", "lab", "--index", PATTERN, "--since", "1h"];
      const { code, err } = await bench.runWith({ env: { PASSWORD: "wr0ng-password" } }, ...argv);
      expect(code).toBe(2);
      expect(err).toMatch(/the credentials are missing or refused/);
      expect(err).not.toMatch(/wr0ng/);
    });
}

function alertOf(n: number, time: number): object {
  const isHigh = n % 2 === 0;
  return {
    "@timestamp": new Date(time).toISOString(),
    "kibana.alert.uuid": `uuid-${n}`,
    "kibana.alert.severity": isHigh ? "high" : "low",
    "kibana.alert.rule.name": `Rule ${n % 7}`,
    "host.name": `host-${n % HOSTS}`,
  };
}
