/** What sources cost that have nothing to read. */
import { setTimeout as wait } from "node:timers/promises";
import { startCounter } from "./counter.ts";
import { readFrom, type FeedSize } from "./feeds.ts";
import type { Lab } from "./lab.ts";
import { perSecond, withProduct, type Running } from "./product.ts";

export interface Idle {
  readonly requestsPerSecond: number;
  /** Share of one core that all threads of the product compute. */
  readonly cpu: number;
}

export const IDLE_SOURCES = 20;
const KNOWN_ALERTS = 500;
const HOUR_MS = 3_600_000;
/** How long the first polls may take, which read all there is; and the calm after them. */
const POLLED_MS = 60_000;
const CALM_MS = 1000;

/** Indices that have alerts, but no new ones. */
export async function fillIdle(lab: Lab): Promise<void> {
  const until = Date.now();
  for (let n = 0; n < IDLE_SOURCES; n += 1) {
    await lab.createIndex(`idle-${n}`);
    await lab.fill(`idle-${n}`, KNOWN_ALERTS, { from: until - HOUR_MS, until });
  }
}

/** What sources cost that have nothing to read. */
export async function measureIdle(
  lab: Lab,
  size: FeedSize,
  { interval, seconds }: FeedSize["idle"][number],
): Promise<Idle> {
  const counter = await startCounter(lab.url);
  const feeds = Array.from({ length: IDLE_SOURCES }, (_, n) => {
    const feed = { index: `idle-${n}`, interval: `${interval}s`, start_time: "24h" };
    return [`idle-${n}`, feed];
  });
  const work = async ({ product }: Running): Promise<Idle> => {
    const computed = () => product.ask<number>("cpu", null, 30_000);
    await product.ask("polled", null, POLLED_MS);
    await wait(CALM_MS);
    const [before, begun, cpu] = [counter.count(), performance.now(), await computed()];
    await wait(seconds * 1000);
    const took = performance.now() - begun;
    const requestsPerSecond = perSecond(counter.count() - before, took);
    return { requestsPerSecond, cpu: ((await computed()) - cpu) / took };
  };
  try {
    return await withProduct(
      size,
      work,
      readFrom(counter.url, Object.fromEntries(feeds) as Record<string, object>),
    );
  } finally {
    counter.close();
  }
}
