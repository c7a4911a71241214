/** Runs the measurements that were asked for and holds each against what is to be reached. */
import {
  measureBare,
  measureDelivering,
  measureLatency,
  measureMemory,
  measurePaused,
  type Delivered,
  type Memory,
  type Size,
} from "./measures.ts";
import { measureBacktest, measureDeciding, type Decided } from "./deciding.ts";
import type { DownSize } from "./down.ts";
import { measureOutages } from "./down-figures.ts";
import { FEED_NAMES, measureFeeds } from "./feed-figures.ts";
import type { FeedSize } from "./feeds.ts";
import { against, flat, median, plain, type Figure } from "./report.ts";

export const NAMES = [
  "paused",
  "delivering",
  "latency",
  "memory",
  "deciding",
  "backtest",
  "down",
  ...FEED_NAMES,
] as const;
export type Name = (typeof NAMES)[number];

const SHARE_PAUSED = 0.6;
const SHARE_DELIVERING = 0.35;
const DELIVERED_PER_SECOND = 4000;
const P99_MS = 25;
const DECIDED_PER_SECOND = 2000;
const BACKTEST_S = 60;
const RSS_MB = 300;
const MB = 1e6;

/** All figures of the measurements named; `note` is told what is under way. */
export async function measure(
  names: readonly Name[],
  size: Size & FeedSize & DownSize,
  note: (text: string) => void,
): Promise<Figure[]> {
  const figures = names.some((name) => name === "paused" || name === "delivering")
    ? await measureThroughput(names, size, note)
    : [];
  if (names.includes("latency")) {
    note(`latency at ${size.rate}/s`);
    const { p50, p99, max } = await measureLatency(size);
    figures.push(
      plain(`p50 ack at ${size.rate}/s offered`, p50, "ms"),
      against(`p99 ack at ${size.rate}/s offered`, p99, "ms", `≤ ${P99_MS} ms`, p99 <= P99_MS),
      plain(`longest ack at ${size.rate}/s offered`, max, "ms"),
    );
  }
  if (names.includes("memory")) {
    note(`memory over ${size.alerts} alerts`);
    figures.push(...describeMemory(await measureMemory(size)));
  }
  if (names.includes("deciding")) {
    note(`deciding ${size.decided} alerts`);
    figures.push(...describeDecided(await measureDeciding(size.decided)));
  }
  if (names.includes("backtest")) {
    note(`backtest of ${size.backtest} alerts`);
    const took = await measureBacktest(size.backtest);
    const limit = (BACKTEST_S * size.backtest) / 100_000;
    const name = `backtest of ${size.backtest} alerts`;
    figures.push(against(name, took, "s", `≤ ${limit} s`, took <= limit));
  }
  if (names.includes("down")) figures.push(...(await measureOutages(size, size.rounds, note)));
  const feeds = FEED_NAMES.filter((name) => names.includes(name));
  return [...figures, ...(await measureFeeds(feeds, size, note))];
}

function describeDecided({ perSecond, matching }: Decided): Figure[] {
  const target = `≥ ${DECIDED_PER_SECOND} alerts/s`;
  const counts = Object.keys(matching).map(Number);
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  const growth = (matching[most] ?? 0) / (matching[least] ?? 1);
  const routes = most / least;
  return [
    against("decided", perSecond, "alerts/s", target, perSecond >= DECIDED_PER_SECOND),
    ...counts.map((count) => plain(`matching ${count} routes`, matching[count] ?? 0, "µs")),
    against(
      `growth from ${least} to ${most} routes`,
      growth,
      "×",
      `< ${routes} ×`,
      growth < routes,
    ),
  ];
}

/** Rounds of all three in turn, so that what disturbs the machine disturbs each alike. */
async function measureThroughput(
  names: readonly Name[],
  size: Size,
  note: (text: string) => void,
): Promise<Figure[]> {
  const bare: number[] = [];
  const paused: number[] = [];
  const delivered: Delivered[] = [];
  for (let round = 1; round <= size.rounds; round += 1) {
    note(`round ${round} of ${size.rounds}: acks`);
    bare.push(await measureBare(size));
    if (names.includes("paused")) paused.push(await measurePaused(size));
    if (names.includes("delivering")) delivered.push(await measureDelivering(size));
  }
  const base = median(bare);
  return [
    { ...plain("bare Node HTTP server", base, "acks/s"), rounds: bare },
    ...(paused.length > 0
      ? [share("durable acks, pipeline paused", paused, base, SHARE_PAUSED)]
      : []),
    ...(delivered.length > 0 ? describeDelivered(delivered, base) : []),
  ];
}

function describeDelivered(delivered: readonly Delivered[], base: number): Figure[] {
  const acks = delivered.map(({ acksPerSecond }) => acksPerSecond);
  const ends = delivered.map(({ deliveredPerSecond }) => deliveredPerSecond);
  const end = median(ends);
  const target = `≥ ${DELIVERED_PER_SECOND} alerts/s`;
  return [
    share("durable acks while delivering", acks, base, SHARE_DELIVERING),
    plain("p99 ack while delivering", median(delivered.map(({ p99 }) => p99)), "ms"),
    {
      ...against("request to delivered", end, "alerts/s", target, end >= DELIVERED_PER_SECOND),
      rounds: ends,
    },
    plain("computing per alert delivered", median(delivered.map(({ cpu }) => cpu * 1000)), "µs"),
  ];
}

function describeMemory({ rss, bytesOnDisk, alerts }: Memory): Figure[] {
  const most = Math.max(...rss) / MB;
  const samples = rss.map((bytes) => Math.round(bytes / MB));
  return [
    {
      ...against(`most memory over ${alerts} alerts`, most, "MB", `≤ ${RSS_MB} MB`, most <= RSS_MB),
      samples,
    },
    flat("its growth over the second half", rss),
    plain("bytes on disk per alert", bytesOnDisk / alerts, "B"),
  ];
}

function share(name: string, rounds: readonly number[], base: number, least: number): Figure {
  const value = median(rounds);
  const [is, must] = [value / base, least].map((part) => `${(part * 100).toFixed(0)} %`);
  const target = `≥ ${must} of bare (is ${is})`;
  return { ...against(name, value, "acks/s", target, value >= least * base), rounds };
}
