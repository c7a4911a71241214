/** The measurements. Each starts the processes it needs and ends them again. */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Child } from "./child.ts";
import type { ClientName, Target } from "./connections.ts";
import type { Load, Loaded } from "./load.ts";
import type { Arrived } from "./sink.ts";

/** How long and how much. */
export interface Size {
  /** How often the measurements are repeated whose median counts. */
  readonly rounds: number;
  readonly warmup: number;
  /** Length of a closed load in seconds. */
  readonly closed: number;
  /** Length of the open load in seconds, and its rate. */
  readonly open: number;
  readonly rate: number;
  /** Alerts after which memory and disk are looked at. */
  readonly alerts: number;
  /** Alerts that are decided without a network, and that a backtest decides. */
  readonly decided: number;
  readonly backtest: number;
  /** What the load generator sends with. */
  readonly client: ClientName;
  /** Where the product writes its CPU profiles; null for none. */
  readonly profiles: string | null;
}

export interface Delivered extends Loaded {
  readonly acksPerSecond: number;
  /** Computing time of all threads of the product per alert delivered, milliseconds. */
  readonly cpu: number;
  /** From the first request to the last message at the sink. */
  readonly deliveredPerSecond: number;
}

export interface Memory {
  /** Bytes, one sample a second, from the first request to the last delivery. */
  readonly rss: readonly number[];
  readonly bytesOnDisk: number;
  readonly alerts: number;
}

const CONNECTIONS = 64;
/** How long the pipeline may take to deliver what is left, in milliseconds. */
const DRAIN_MS = 300_000;
const STOP_MS = 60_000;

/** Acks a second of a server that does nothing but answer. */
export async function measureBare(size: Size): Promise<number> {
  return withChildren(async (start) => {
    const server = await start<Target>("./bare.mjs", null);
    const load = await start("./load.ts", null);
    return measureAcks(load.child, server.ready, size);
  });
}

/** Durable acks a second while the pipeline is paused. */
export async function measurePaused(size: Size): Promise<number> {
  return withProduct(size, async ({ product, target, load }) => {
    await product.ask("pause", true, 10_000);
    return measureAcks(load, target, size);
  });
}

/** Acks a second while everything is delivered, one message per alert. */
export async function measureDelivering(size: Size): Promise<Delivered> {
  return withProduct(size, async ({ product, target, load, sink }) => {
    const before = await warmUp(load, target, size);
    await drain(sink, before);
    const computed = () => product.ask<number>("cpu", null, 30_000);
    const cpuBefore = await computed();
    const loaded = await run(load, { ...target, client: size.client, seconds: size.closed });
    const { last } = await drain(sink, before + loaded.acks);
    const cpu = ((await computed()) - cpuBefore) / loaded.acks;
    return {
      ...loaded,
      cpu,
      acksPerSecond: perSecond(loaded.acks, loaded.took),
      deliveredPerSecond: perSecond(loaded.acks, last - loaded.begun),
    };
  });
}

/** Times from when a request was due to its answer, at a fixed rate, while delivering. */
export async function measureLatency(size: Size): Promise<Loaded> {
  return withProduct(size, async ({ target, load, sink }) => {
    const before = await warmUp(load, target, size);
    await drain(sink, before);
    const loaded = await run(load, {
      ...target,
      client: size.client,
      seconds: size.open,
      rate: size.rate,
    });
    await drain(sink, before + loaded.acks);
    return loaded;
  });
}

/** Memory during many alerts sent as fast as they are taken, and the bytes they leave on disk. */
export async function measureMemory(size: Size): Promise<Memory> {
  return withProduct(size, async ({ product, data, target, load, sink }) => {
    const rss: number[] = [];
    let isOver = false;
    const sampling = (async () => {
      while (!isOver) {
        rss.push(await product.ask<number>("rss", null, 30_000));
        await wait(1000);
      }
    })();
    const { acks } = await run(load, { ...target, client: size.client, count: size.alerts });
    await drain(sink, acks);
    isOver = true;
    await sampling;
    await product.ask("stop", null, STOP_MS);
    await product.ask("checkpoint", null, STOP_MS);
    return { rss, alerts: acks, bytesOnDisk: await sizeOfFiles(data) };
  });
}

interface Running {
  readonly product: Child;
  readonly target: Target;
  readonly data: string;
  readonly load: Child;
  readonly sink: Child;
}

/** Runs `work` beside a fresh product that delivers to a sink. */
function withProduct<T>(size: Size, work: (running: Running) => Promise<T>): Promise<T> {
  return withChildren(async (start) => {
    const data = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
    try {
      const sink = await start<{ port: number }>("./sink.ts", null);
      const load = await start("./load.ts", null);
      const text = configuration(sink.ready.port);
      const flags = size.profiles === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${size.profiles}`];
      const product = await start<Target>("./server.mjs", { text, data }, flags);
      const { child, ready: target } = product;
      const result = await work({
        product: child,
        target,
        data,
        load: load.child,
        sink: sink.child,
      });
      await child.ask("stop", null, STOP_MS);
      return result;
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });
}

type Start = <Ready>(
  file: string,
  argument: unknown,
  flags?: readonly string[],
) => Promise<{ child: Child; ready: Ready }>;

async function withChildren<T>(work: (start: Start) => Promise<T>): Promise<T> {
  const children: Child[] = [];
  try {
    return await work(async (file, argument, flags = []) => {
      const started = await Child.start<never>(file, argument, { flags });
      children.push(started.child);
      return started;
    });
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

function configuration(sink: number): string {
  return JSON.stringify({
    listen: "127.0.0.1:0",
    sources: { elastic: { kind: "elastic" } },
    destinations: {
      sink: { kind: "webhook", url: `http://127.0.0.1:${sink}/`, concurrency: CONNECTIONS },
    },
    routes: [{ name: "all", to: ["sink"] }],
    backpressure: { max_backlog: 10_000_000 },
  });
}

async function measureAcks(load: Child, target: Target, size: Size): Promise<number> {
  await warmUp(load, target, size);
  const { acks, took } = await run(load, { ...target, client: size.client, seconds: size.closed });
  return perSecond(acks, took);
}

async function warmUp(load: Child, target: Target, size: Size): Promise<number> {
  return (await run(load, { ...target, client: size.client, seconds: size.warmup })).acks;
}

function run(load: Child, settings: Omit<Load, "connections">): Promise<Loaded> {
  const limit = (settings.seconds ?? 300) * 1000 + 60_000;
  return load.ask("run", { connections: CONNECTIONS, ...settings }, limit);
}

/** Waits until `count` alerts have arrived, each once. */
async function drain(sink: Child, count: number): Promise<Arrived> {
  const end = performance.now() + DRAIN_MS;
  for (;;) {
    const arrived = await sink.ask<Arrived>("arrived", null, 10_000);
    if (arrived.keys >= count) return arrived;
    if (performance.now() > end) {
      throw new RangeError(`${arrived.keys} of ${count} alerts arrived in ${DRAIN_MS} ms`);
    }
    await wait(50);
  }
}

function perSecond(count: number, milliseconds: number): number {
  return (count * 1000) / milliseconds;
}

async function sizeOfFiles(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => /^(?:stream|store)\.db/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
