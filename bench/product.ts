/** The processes that a measurement needs, and what it asks of them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Child } from "./child.ts";
import type { ClientName, Target } from "./connections.ts";
import type { Load, Loaded } from "./load.ts";
import type { Arrived } from "./sink.ts";

export const CONNECTIONS = 64;
/** How long the pipeline may take to deliver what is left, in milliseconds. */
const DRAIN_MS = 300_000;
export const STOP_MS = 60_000;

/** What the product is run with. */
export interface Setting {
  /** What the load generator sends with. */
  readonly client: ClientName;
  /** Where the product writes its CPU profiles; null for none. */
  readonly profiles: string | null;
}

export interface Running {
  readonly product: Child;
  readonly target: Target;
  /** Its data folder. */
  readonly data: string;
  readonly load: Child;
  readonly sink: Child;
}

/**
 * Runs `work` beside a fresh product that delivers to a sink; `more` goes into its configuration, or what
 * it makes of the sink's address.
 */
export function withProduct<T>(
  { profiles }: Pick<Setting, "profiles">,
  work: (running: Running) => Promise<T>,
  more: object | ((sink: string) => object) = {},
): Promise<T> {
  return withChildren(async (start) => {
    const data = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
    try {
      const sink = await start<{ port: number }>("./sink.ts", null);
      const load = await start("./load.ts", null);
      const url = `http://127.0.0.1:${sink.ready.port}/`;
      const own = typeof more === "function" ? more(url) : more;
      const text = JSON.stringify({ ...configuration(url), ...own });
      const flags = profiles === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
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

export type Start = <Ready>(
  file: string,
  argument: unknown,
  flags?: readonly string[],
) => Promise<{ child: Child; ready: Ready }>;

/** Runs `work` with a way to start children, and ends those afterwards. */
export async function withChildren<T>(work: (start: Start) => Promise<T>): Promise<T> {
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

function configuration(url: string): object {
  return {
    listen: "127.0.0.1:0",
    sources: { elastic: WEBHOOK },
    destinations: {
      sink: { kind: "webhook", url, concurrency: CONNECTIONS },
    },
    routes: [{ name: "all", to: ["sink"] }],
    backpressure: { max_backlog: 10_000_000 },
  };
}

/** The source that the load generator sends to; its name is `elastic`. */
export const WEBHOOK = { kind: "elastic" };

/** A load to its end. */
export function run(load: Child, settings: Omit<Load, "connections">): Promise<Loaded> {
  const limit = (settings.seconds ?? 300) * 1000 + 60_000;
  return load.ask("run", { connections: CONNECTIONS, ...settings }, limit);
}

/** Waits until `count` alerts have arrived, each once. */
export async function drain(sink: Child, count: number): Promise<Arrived> {
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

/** Takes the memory of the product, in bytes, once a second while `work` runs. */
export async function sampleMemory<T>(
  product: Child,
  work: () => Promise<T>,
): Promise<{ readonly rss: readonly number[]; readonly result: T }> {
  const rss: number[] = [];
  let isOver = false;
  const sampling = (async () => {
    while (!isOver) {
      rss.push(await product.ask<number>("rss", null, 30_000));
      await wait(1000);
    }
  })();
  try {
    return { rss, result: await work() };
  } finally {
    isOver = true;
    await sampling;
  }
}

export function perSecond(count: number, milliseconds: number): number {
  return (count * 1000) / milliseconds;
}
