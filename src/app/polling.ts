/** Reads the sources that are read: a poller for each, and comparisons with their indices. */
import { Poller } from "../polling/poller.ts";
import { Reconciler } from "../polling/reconciler.ts";
import { describeFeed, type FeedStatus } from "../polling/status.ts";
import { waitForRoom } from "../polling/wait.ts";
import type { Stream } from "../stream/stream.ts";
import { systemClock, type Clock } from "../telemetry/clock.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Configuration } from "./configuration.ts";
import { openFeeds, type OpenedFeed } from "./feeds.ts";
import { takeNotices } from "./intake.ts";
import type { DataPaths } from "./paths.ts";
import { reconcileSource, takeItems } from "./reconcile-source.ts";

export interface PollingParts {
  readonly paths: DataPaths;
  readonly configuration: Configuration;
  readonly stream: Stream;
  /** Throws OVERLOADED while the intake has no room. */
  checkRoom(): void;
  readonly telemetry: Telemetry;
}

/** What reads the sources of a program. */
export interface Polling {
  /** Begins to read. Reading needs the worker and the gate. */
  start(): void;
  /** Null for a source that is not read. */
  statusOf(source: string): FeedStatus | null;
  /** Milliseconds by source. */
  lags(): (readonly [string, number])[];
  /** What the last comparisons missed, by source; those without one are left out. */
  missing(): (readonly [string, number])[];
  /** Resolves when every feed was read to its end once; rejects when one cannot be read. */
  polled(): Promise<void>;
  /** Ends reading; resolves when nothing is under way. */
  stop(): Promise<void>;
  /** Lets connections go, after `stop`. */
  close(): Promise<void>;
}

interface Reading {
  readonly poller: Poller;
  /** Null where the configuration switches it off. */
  readonly reconciler: Reconciler | null;
}

/** Opens the feeds; nothing is read before `start`. Throws CONFIG_INVALID as `openFeeds` does. */
export async function openPolling(
  given: PollingParts,
  clock: Clock = systemClock,
): Promise<Polling> {
  const parts = { ...given, clock };
  const { feeds, close } = await openFeeds(parts.configuration, () => clock.now());
  const readings = new Map(feeds.map((opened) => [opened.source.name, read(opened, parts)]));
  const all = [...readings.values()];
  return {
    start: () => all.forEach(startReading),
    statusOf(source) {
      const reading = readings.get(source);
      return reading
        ? describeFeed(reading.poller.status(), reading.reconciler?.last ?? null)
        : null;
    },
    lags: () => [...readings].map(([name, { poller }]) => [name, poller.status().lag]),
    missing: () =>
      [...readings].flatMap(([name, { reconciler }]) =>
        reconciler?.last ? [[name, reconciler.last.missing] as const] : [],
      ),
    polled: async () => void (await Promise.all(all.map(({ poller }) => poller.polled()))),
    stop: async () => void (await Promise.all(all.map(stopReading))),
    close,
  };
}

/** Has the metrics say how far reading is behind, and what comparisons missed. */
export function measurePolling(metrics: Metrics, { lags, missing }: Polling): void {
  metrics.gaugeOfSources("tocsin_source_lag_seconds", "How far reading a source is behind.", () =>
    lags().map(([source, lag]) => [source, lag / 1000]),
  );
  metrics.gaugeOfSources(
    "tocsin_reconcile_missing",
    "Events that the last comparison of a source with its index missed.",
    missing,
  );
}

function startReading({ poller, reconciler }: Reading): void {
  poller.start();
  reconciler?.start();
}

async function stopReading({ poller, reconciler }: Reading): Promise<void> {
  await Promise.all([poller.stop(), reconciler?.stop() ?? Promise.resolve()]);
}

type TimedParts = PollingParts & { readonly clock: Clock };

function read(opened: OpenedFeed, parts: TimedParts): Reading {
  const { source, feed, settings } = opened;
  const { stream, configuration, clock, telemetry, checkRoom } = parts;
  const poller = new Poller({
    source: source.name,
    feed,
    stream,
    settings,
    clock,
    telemetry,
    checkRoom,
    take: takeItems(stream, source, configuration.limits, clock),
    notify: (notice) => takeNotices(stream, [notice], clock.now()),
  });
  return { poller, reconciler: settings.reconcile && reconcilerOf(opened, parts) };
}

function reconcilerOf(opened: OpenedFeed, parts: TimedParts): Reconciler | null {
  const { reconcile: settings } = opened.settings;
  if (!settings) return null;
  const { clock, telemetry, checkRoom, stream, configuration } = parts;
  const take = takeItems(stream, opened.source, configuration.limits, clock);
  return new Reconciler({
    source: opened.source.name,
    every: settings.every,
    clock,
    telemetry,
    run: (signal) =>
      reconcileSource(opened, parts, {
        since: clock.now() - settings.since,
        until: clock.now(),
        signal,
        backfill: async (items) => {
          await waitForRoom({ checkRoom, clock }, signal);
          signal.throwIfAborted();
          return take(items);
        },
      }),
  });
}
