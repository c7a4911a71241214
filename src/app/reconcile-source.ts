/** Compares a source with its index, for the program and for the command line. */
import { readArrivals } from "../ledger/arrivals.ts";
import type { LedgerPaths } from "../ledger/files.ts";
import type { TakeItems } from "../polling/items.ts";
import { reconcile } from "../polling/reconcile.ts";
import type { ReconcileReport } from "../polling/report.ts";
import type { Stream } from "../stream/stream.ts";
import { systemClock, type Clock } from "../telemetry/clock.ts";
import type { Configuration, ConfiguredSource } from "./configuration.ts";
import type { OpenedFeed } from "./feeds.ts";
import { takePage } from "./intake.ts";
import { readLimits } from "./intake-entries.ts";

/** Takes items of a feed into the stream, as received when they are taken. */
export function takeItems(
  stream: Stream,
  source: ConfiguredSource,
  limits: Configuration["limits"],
  clock: Pick<Clock, "now"> = systemClock,
): TakeItems {
  return (items) => takePage(stream, source, limits, { items, receivedAt: clock.now() });
}

/** What the data folder knows, and for how long it keeps it. */
export interface KnownData {
  readonly paths: LedgerPaths;
  readonly configuration: Pick<Configuration, "retention" | "limits">;
  readonly stream: Pick<Stream, "cursor" | "known">;
}

export interface ReconcileWish {
  /** Epoch milliseconds, inside the range. What retention may have taken is not looked at. */
  readonly since: number;
  /** Epoch milliseconds, outside the range. */
  readonly until: number;
  /** Takes what is missing; null only reports. */
  readonly backfill: TakeItems | null;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compares a source with its index, with all that the data folder knows. Throws as reading the feed
 * does, and as `backfill` does.
 */
export async function reconcileSource(
  { source, feed }: Pick<OpenedFeed, "source" | "feed">,
  { paths, configuration, stream }: KnownData,
  { since, until, backfill, signal }: ReconcileWish,
): Promise<ReconcileReport> {
  const { delivered, quarantine } = configuration.retention;
  // Keys go with their entries: what is older would seem to be missing, and be told again.
  const oldest = until - Math.min(delivered, quarantine);
  const cursor = await stream.cursor(source.name);
  return reconcile({
    feed,
    source: { ...source, limits: readLimits(configuration.limits) },
    stream,
    since: Math.max(since, oldest),
    until,
    cursor,
    // Their numbers tell polling exactly what is missing; here a key that is gone would look the same.
    timeless: cursor === null || feed.originOf(cursor.cursor) >= oldest,
    backfill,
    arrivals: (streams, from, to) => readArrivals(paths, streams, from, to),
    signal,
  });
}
