/**
 * The ordeal: a process under load is killed again and again, at random moments and at named
 * points, on one data folder. At the end everything acknowledged must have arrived, and the books
 * must balance. What is wrong comes back as findings, so that a broken guard can be told apart.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StubbornClient } from "./client.ts";
import { freePort } from "../peers/free-port.ts";
import { liveAndDie, makeKey } from "./life.ts";
import { runTocsin, startProcess, until, type Running } from "./process.ts";
import { RecordingPeer } from "./recorder.ts";

/** Destinations: the first honours keys, the others do not; the number is their concurrency. */
export const DESTINATIONS = { keyed: 8, single: 1, four: 4 } as const;
type DestinationName = keyof typeof DESTINATIONS;

export interface OrdealOptions {
  /** One crash each: `random`, or a named point with how often it is passed before. */
  readonly kills: readonly string[];
  readonly main?: string;
}

export interface Findings {
  readonly acknowledged: number;
  /** Acknowledged alerts that a destination never got. */
  readonly lost: string[];
  /** Alerts that reached the key-honouring destination under two keys: seen there twice. */
  readonly doubled: string[];
  /** Per destination: the most repeats that one crash caused. */
  readonly worstRepeats: Record<DestinationName, number>;
  readonly repeats: Record<DestinationName, number>;
  readonly auditCode: number;
  readonly audit: string;
}

const WORKERS = 8;
const EMPTY = { keyed: 0, single: 0, four: 0 };

export async function undergo({ kills, main }: OrdealOptions): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-crash-"));
  const peer = new RecordingPeer();
  try {
    const config = join(folder, "tocsin.yaml");
    const port = await freePort();
    writeFileSync(config, configuration(await peer.listen(), port));
    const data = join(folder, "data");
    const client = new StubbornClient(`http://127.0.0.1:${port}`, await makeKey(data));
    client.start(WORKERS);
    for (const kill of kills) {
      await liveAndDie({ config, data, main }, kill, client);
      peer.era += 1;
    }
    const last = startProcess({ config, data, main });
    await last.listening;
    await client.finish();
    await drain(last, peer, client);
    return await judge(peer, client, data);
  } finally {
    await peer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configuration(peer: string, port: number): string {
  const destinations = Object.entries(DESTINATIONS).map(
    ([name, concurrency]) =>
      `  ${name}: { kind: webhook, url: "${peer}/${name}", concurrency: ${concurrency} }`,
  );
  return `
listen: 127.0.0.1:${port}
log: { level: error }
backpressure: { min_free: 1MiB }
sources: { in: { kind: generic, id: id } }
destinations:
${destinations.join("\n")}
routes:
  - { name: all, to: [${Object.keys(DESTINATIONS).join(", ")}] }
`;
}

/** Waits until the last process has delivered all there is, then stops it in order. */
async function drain(last: Running, peer: RecordingPeer, client: StubbornClient): Promise<void> {
  const complete = () =>
    names().every(
      (name) => new Set(peer.at(name).map(({ id }) => id)).size >= client.acknowledged.size,
    );
  await until("everything has arrived", complete, 20_000).catch(() => {});
  last.process.kill("SIGTERM");
  await last.ended;
}

function names(): DestinationName[] {
  return Object.keys(DESTINATIONS) as DestinationName[];
}

async function judge(peer: RecordingPeer, client: StubbornClient, data: string): Promise<Findings> {
  const lost = [...client.acknowledged].flatMap((id) =>
    names()
      .filter(
        (name) =>
          !peer.arrivals.some((arrival) => arrival.id === id && arrival.destination === name),
      )
      .map((name) => `${id} at ${name}`),
  );
  const audit = await runTocsin(["audit", "--data", data]);
  return {
    acknowledged: client.acknowledged.size,
    lost,
    doubled: doubled(peer),
    worstRepeats: perDestination((name) => Math.max(0, ...repeatsByEra(peer, name).values())),
    repeats: perDestination((name) =>
      [...repeatsByEra(peer, name).values()].reduce((a, b) => a + b, 0),
    ),
    auditCode: audit.code,
    audit: audit.stdout + audit.stderr,
  };
}

function perDestination(count: (name: DestinationName) => number): Record<DestinationName, number> {
  return Object.fromEntries(names().map((name) => [name, count(name)])) as typeof EMPTY;
}

/** Alerts that a peer which honours keys would show twice: the same alert under another key. */
function doubled(peer: RecordingPeer): string[] {
  const keys = new Map<string, Set<string>>();
  for (const { id, key } of peer.at("keyed")) {
    keys.set(id, (keys.get(id) ?? new Set()).add(key));
  }
  return [...keys].filter(([, seen]) => seen.size > 1).map(([id]) => id);
}

/** How often something came again in the era after the one it had come in. */
function repeatsByEra(peer: RecordingPeer, name: DestinationName): Map<number, number> {
  const seen = new Set<string>();
  const repeats = new Map<number, number>();
  for (const { id, era } of peer.at(name)) {
    if (seen.has(id)) repeats.set(era, (repeats.get(era) ?? 0) + 1);
    seen.add(id);
  }
  return repeats;
}
