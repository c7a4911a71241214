/**
 * A range of an index as a history to decide: every hit goes through the real intake of a source, as
 * if somebody had sent it at its own time, into a temporary log.
 */
import type { Configuration, ConfiguredSource } from "../app/configuration.ts";
import { countEvents, takeReceipt, type Taken } from "../app/intake.ts";
import { TocsinError } from "../errors.ts";
import type { LogEntry } from "../pipeline/entry.ts";
import type { Stream } from "../stream/stream.ts";
import type { BacktestHistory } from "./backtest.ts";
import { openTemporaryLog, type LogReading } from "./temporary-log.ts";

/** A document as a search gives it, with its time in epoch milliseconds. */
export interface Hit {
  readonly _index: string;
  readonly _id: string;
  readonly _source: Readonly<Record<string, unknown>>;
  readonly time: number;
}

export interface IndexRange {
  /** Hits in the order of their times. */
  readonly hits: AsyncIterable<readonly Hit[]>;
  /** Reads the hits. */
  readonly source: ConfiguredSource;
  readonly limits: Configuration["limits"];
  /** Start of the range in epoch milliseconds: no hit counts as received before it. */
  readonly since: number;
  /** Ends the deciding too, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface IndexHistory {
  /** The history from its beginning; it can be opened again and again. */
  open(): BacktestHistory & { close(): Promise<void> };
  /** Removes what was kept of the hits. */
  close(): Promise<void>;
}

/**
 * Reads the whole range. What is thrown while reading is passed on, and nothing is kept then; close
 * the history in any other case.
 */
export async function readIndexHistory(range: IndexRange): Promise<IndexHistory> {
  const log = openTemporaryLog();
  try {
    const left = await takeHits(log.stream, range);
    const { signal } = range;
    return { open: () => openHistory(log.read(), left, signal), close: () => log.close() };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** What came of hits but cannot be decided, and why. */
interface Left {
  quarantined: number;
  /** Events that another hit had brought already. */
  repeated: number;
  /** Hits of which the source knows that there is no event in them. */
  empty: number;
}

async function takeHits(stream: Stream, range: IndexRange): Promise<Left> {
  const left = { quarantined: 0, repeated: 0, empty: 0 };
  let now = range.since;
  for await (const page of range.hits) {
    // All at once: the receipts keep their order and share commits.
    const taken = page.map((hit) => {
      // Of several times of a document the first one sorts, and that may be before the range.
      now = Math.max(now, hit.time);
      return takeHit(stream, range, hit, now);
    });
    for (const each of await Promise.all(taken)) count(left, each);
  }
  return left;
}

/** Takes one hit in; null when it is over the limits of a request, so that a sender is refused. */
async function takeHit(
  stream: Stream,
  { source, limits }: IndexRange,
  { _index, _id, _source }: Hit,
  receivedAt: number,
): Promise<Taken | null> {
  try {
    return await takeReceipt(stream, source, limits, {
      bytes: Buffer.from(JSON.stringify({ _index, _id, _source })),
      contentType: "application/json",
      headers: () => ({}),
      idempotencyKey: undefined,
      via: "backtest",
      receivedAt,
    });
  } catch (error) {
    if (error instanceof TocsinError && error.code === "LIMIT_EXCEEDED") return null;
    throw error;
  }
}

function count(left: Left, taken: Taken | null): void {
  left.quarantined += taken?.quarantined.length ?? 1;
  if (!taken) return;
  left.repeated += countEvents(taken).duplicates;
  if (taken.empty !== null) left.empty += 1;
}

function openHistory(
  reading: LogReading,
  left: Left,
  signal: AbortSignal | undefined,
): BacktestHistory & { close(): Promise<void> } {
  const entries = () => readableEntries(reading, signal);
  // What it holds open goes with the log.
  return { ...reading, entries, left: { ...left }, close: () => Promise.resolve() };
}

async function* readableEntries(
  reading: LogReading,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogEntry> {
  for await (const entry of reading.entries()) {
    signal?.throwIfAborted();
    if (!entry.quarantine) yield entry;
  }
}
