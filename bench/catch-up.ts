/** How fast a source catches up with what waits in its index, and what that costs others. */
import { setTimeout as wait } from "node:timers/promises";
import { dataPaths } from "../src/app/paths.ts";
import { Database } from "../src/sqlite/database.ts";
import { readFrom, type FeedSize } from "./feeds.ts";
import type { Lab } from "./lab.ts";
import type { Loaded } from "./load.ts";
import { drain, perSecond, run, sampleMemory, withProduct, type Running } from "./product.ts";

const HOUR_MS = 3_600_000;
/** How long reading may take to come to its end, in seconds. */
const LONGEST_S = 600;

export interface CaughtUp {
  readonly storedPerSecond: number;
  /** Computing time of all threads of the product per alert stored, milliseconds. */
  readonly cpu: number;
  /** Bytes, one sample a second, until the last was stored. */
  readonly rss: readonly number[];
  /** Requests that came before, and meanwhile. */
  readonly before: Loaded;
  readonly meanwhile: Loaded;
}

const WAITING = "waiting";
const ALERTS = "alerts";

/** Fills the index that is caught up with: alerts of the last six hours. */
export async function fillWaiting(lab: Lab, size: FeedSize): Promise<void> {
  await lab.createIndex(WAITING);
  const until = Date.now();
  await lab.fill(WAITING, size.waiting, { from: until - 6 * HOUR_MS, until });
}

/**
 * Has a source find all the waiting alerts at once, in a product that runs already, and measures until
 * the last of them is stored. Deciding is paused, or goes on beside it with everything delivered.
 */
export async function measureCatchUp(
  lab: Lab,
  size: FeedSize,
  isPaused: boolean,
): Promise<CaughtUp> {
  const index = isPaused ? "paused" : "decided";
  await lab.createIndex(`${index}-1`);
  await lab.setAlias(index, `${index}-1`, true);
  const feed = { index, size: 1000, interval: "100ms", start_time: "24h" };
  const more = readFrom(lab.url, { [ALERTS]: feed });
  return await withProduct(
    size,
    (running) => catchUp(running, lab, { size, index, isPaused }),
    more,
  );
}

async function catchUp(
  { product, target, data, load, sink }: Running,
  lab: Lab,
  { size, index, isPaused }: { size: FeedSize; index: string; isPaused: boolean },
): Promise<CaughtUp> {
  const { client, aside: rate, warmup } = size;
  const { acks } = await run(load, { ...target, client, seconds: warmup });
  await drain(sink, acks);
  await product.ask("pause", isPaused, 10_000);
  const before = await run(load, { ...target, client, rate, seconds: warmup + 1 });
  const computed = () => product.ask<number>("cpu", null, 30_000);
  const cpuBefore = await computed();
  const catchingUp = async () => {
    const begun = performance.now();
    try {
      await lab.setAlias(index, WAITING, true);
      await waitForStored(dataPaths(data).stream, size.waiting);
      return performance.now() - begun;
    } finally {
      await load.ask("stop", null, 10_000);
    }
  };
  const [meanwhile, { rss, result: took }] = await Promise.all([
    run(load, { ...target, client, rate, seconds: LONGEST_S }),
    sampleMemory(product, catchingUp),
  ]);
  const cpu = ((await computed()) - cpuBefore) / size.waiting;
  return { storedPerSecond: perSecond(size.waiting, took), cpu, rss, before, meanwhile };
}

interface Receipt {
  readonly id: number;
  readonly source: string;
  readonly accepted: number;
}

/** Waits until so many alerts of the source are durable, each once. */
async function waitForStored(path: string, count: number): Promise<void> {
  const database = new Database(path, { readOnly: true });
  const end = performance.now() + LONGEST_S * 1000;
  const sql = "SELECT id, source, accepted FROM receipts WHERE id > ? ORDER BY id";
  let [last, stored] = [0, 0];
  try {
    while (stored < count && performance.now() < end) {
      for (const { id, source, accepted } of database.all<Receipt>(sql, last)) {
        last = id;
        if (source === ALERTS) stored += accepted;
      }
      await wait(50);
    }
  } finally {
    database.close();
  }
  if (stored !== count) throw new RangeError(`${stored} of ${count} alerts were stored`);
}
