/**
 * Every kind of destination in one program, each at a peer that refuses and repeats all that it was sent.
 * Nothing that people read afterwards may hold a secret: the log, attempts, dead letters, `explain`,
 * metrics.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { destinations } from "../../src/destinations/index.ts";
import type { Subject, SubjectPeer } from "../../src/destinations/testing/subject.ts";
import { runTocsin, startProcess, type Running } from "../crash/process.ts";
import { freePort } from "../peers/free-port.ts";
import type { Received, Responder } from "../peers/peer.ts";

interface Subjected {
  readonly name: string;
  readonly kind: string;
  readonly peer: SubjectPeer;
}

const TIMEOUT = 120_000;
let folder: string;
let running: Running | undefined;
const subjected: Subjected[] = [];

const echo: Responder = ({ method, path, headers, body }: Received, response) => {
  const told = JSON.stringify({ message: { method, path, headers, body } });
  response.writeHead(400, { "content-type": "application/json" }).end(told);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-secrets-"));
  for (const { kind } of destinations) await startSubjects(kind);
}, TIMEOUT);

afterAll(async () => {
  running?.process.kill("SIGKILL");
  await running?.ended;
  for (const { peer } of subjected) await peer.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startSubjects(kind: string): Promise<void> {
  const path = `../../src/destinations/${kind}/testing/subject.ts`;
  const { subjects } = (await import(/* @vite-ignore */ path)) as { subjects: readonly Subject[] };
  for (const [index, subject] of subjects.entries()) {
    if (subject.transport === "socket" && subject.unavailable && !process.env["CI"]) continue;
    const peer = await startBroken(subject);
    subjected.push({ name: `${kind}-${index}`, kind, peer });
  }
}

async function startBroken(subject: Subject): Promise<SubjectPeer> {
  if (subject.transport === "local") return subject.start();
  if (subject.transport === "http") {
    const peer = await subject.start();
    peer.misbehave(echo);
    return peer;
  }
  const peer = await subject.start();
  if (subject.faults.unauthorized) await peer.misbehave("unauthorized");
  return peer;
}

it(
  "no secret of any destination stands in what people read of a failure",
  async () => {
    const [config, data, port] = [
      join(folder, "tocsin.yaml"),
      join(folder, "data"),
      await freePort(),
    ];
    writeFileSync(config, configuration(port));
    const key = await makeKey(data);
    running = startProcess({ config, data });
    const address = await running.listening;
    expect(address, running.output()).not.toBeNull();
    const secrets = new Set(subjected.flatMap(({ peer }) => peer.secrets));
    expect(secrets.size).toBeGreaterThan(15);

    const alert = { id: "a-1", title: "Brute force on web-1", severity: "high" };
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const body = JSON.stringify(alert);
    await fetch(`${address}/v1/ingest/in`, { method: "POST", headers, body });
    await expect
      .poll(async () => (await triedNames(data)).toSorted(), { timeout: 60_000, interval: 200 })
      .toEqual(subjected.map(({ name }) => name).toSorted());

    const read = await Promise.all(
      [
        ["explain", "ALR-000001"],
        ["explain", "ALR-000001", "--json"],
        ["deliveries", "--json"],
        ["dead", "list"],
        ["destination", "list", "--json", "--config", config],
      ].map(async (args) => (await runTocsin([...args, "--data", data])).stdout),
    );
    const metrics = await (await fetch(`${address}/metrics`)).text();
    const said = [running.output(), metrics, ...read].join("\n");
    expect(said).toContain("HTTP 400");
    expect(said).toContain("Brute force on web-1");
    for (const secret of secrets)
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        expect(said).not.toContain(form);
  },
  TIMEOUT,
);

function configuration(port: number): string {
  const entries = subjected.map(({ name, kind, peer }) => [name, { kind, ...peer.settings }]);
  const elastic = subjected.find(({ kind }) => kind === "elasticsearch")?.peer;
  const { url = "" } = (elastic ?? {}) as { readonly url?: string };
  const commands = subjected.flatMap(({ kind, peer }) =>
    kind === "command" ? [(peer.settings["argv"] as string[])[0]] : [],
  );
  return JSON.stringify({
    listen: `127.0.0.1:${port}`,
    log: { level: "debug", format: "json" },
    backpressure: { min_free: "1MiB" },
    allow_commands: commands,
    clusters: { lab: { url, api_key: elastic?.secrets[0] ?? "none" } },
    sources: { in: { kind: "generic", id: "id" } },
    destinations: Object.fromEntries(entries) as object,
    routes: [
      { name: "operators", to: [] },
      { name: "all", to: subjected.map(({ name }) => name) },
    ],
  });
}

async function makeKey(data: string): Promise<string> {
  const args = ["key", "create", "--name", "e2e", "--scope", "ingest", "--data", data, "--json"];
  return (JSON.parse((await runTocsin(args)).stdout) as { key: string }).key;
}

/** The destinations that were tried at least once. */
async function triedNames(data: string): Promise<string[]> {
  const args = ["deliveries", "--json", "--alert", "ALR-000001", "--limit", "500", "--data", data];
  const { stdout } = await runTocsin(args);
  const { items } = JSON.parse(stdout || '{"items":[]}') as {
    items: { destination: string; attempt_count: number }[];
  };
  return items.filter((each) => each.attempt_count > 0).map(({ destination }) => destination);
}
