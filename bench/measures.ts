/** The measurements. Each starts the processes it needs and ends them again. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Child } from "./child.ts";
import type { Target } from "./connections.ts";
import type { Loaded } from "./load.ts";
import {
  drain,
  perSecond,
  run,
  sampleMemory,
  STOP_MS,
  withChildren,
  withProduct,
  type Setting,
} from "./product.ts";

/** How long and how much. */
export interface Size extends Setting {
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
    const { rss, result: acks } = await sampleMemory(product, async () => {
      const loaded = await run(load, { ...target, client: size.client, count: size.alerts });
      await drain(sink, loaded.acks);
      return loaded.acks;
    });
    await product.ask("stop", null, STOP_MS);
    await product.ask("checkpoint", null, STOP_MS);
    return { rss, alerts: acks, bytesOnDisk: await sizeOfFiles(data) };
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

async function sizeOfFiles(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => /^(?:stream|store)\.db/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
