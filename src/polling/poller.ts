/**
 * Reads the feed of one source, again and again.
 *
 * States: *waiting* → *reading* → *waiting*. Reading goes page after page without a pause. Each page is
 * taken (then it is durable), settles, and its cursor is stored, in this order; so a crash in between
 * leads to reading it again, which its keys make free. From *reading*:
 * - *blocked*: the intake has no room. The page waits in memory, is taken when there is room, and
 *   nothing more is read meanwhile.
 * - *failing*: the feed or the intake failed. What was stored stays stored; the next try begins at the
 *   last stored cursor, after a pause that doubles with every failure up to a minute, or the interval
 *   if that is longer. A success resets it. What is not there yet is asked for at every interval.
 *
 * A page that cannot settle is stored all the same, and so are those behind it, for alerts come before
 * tidiness: only no cursor is stored any more, and the poll counts as failed at its end.
 *
 * There is never more than one poll under way. The interval counts from the begin of a poll; one that
 * took longer is followed by the next at once. *Stopping* aborts what is being read, lets the page that
 * is being taken be stored, and ends.
 */
import type { TocsinError } from "../errors.ts";
import type { Feed, FeedPage } from "../sources/feed.ts";
import type { StoredCursor, Stream } from "../stream/stream.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { BehindWatch, type BehindNotice, type Progress } from "./behind.ts";
import { describeError, Failures, type PollError } from "./failures.ts";
import type { TakeItems, TakenCounts } from "./items.ts";
import type { PollerState, PollerStatus } from "./status.ts";
import { waitForRoom, waitOn, type Room } from "./wait.ts";

/** A poll that has lasted this long is no longer about to catch up; in milliseconds. */
const CATCH_UP_MS = 60_000;

export interface PollerParts extends Room {
  /** The source's name in the configuration. */
  readonly source: string;
  readonly feed: Feed;
  readonly stream: Pick<Stream, "cursor" | "setCursor">;
  readonly take: TakeItems;
  readonly telemetry: Telemetry;
  /** Milliseconds. */
  readonly settings: { readonly interval: number; readonly max_lag: number };
  /** Tells operators; resolves when that is durable. */
  notify(notice: BehindNotice): Promise<void>;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

export class Poller {
  readonly #parts: PollerParts;
  readonly #watch: BehindWatch;
  readonly #stop = new AbortController();
  readonly #failures = new Failures();
  #running: Promise<void> = Promise.resolve();
  #state: PollerState = "waiting";
  #started: number;
  /** The last cursor that is stored; undefined before the stream was asked. */
  #stored: StoredCursor | null | undefined;
  /** Never read before this start. What was there before is a stock to be read, and no delay. */
  #isNew = false;
  #finishedAt: number | null = null;
  #pages = 0;
  #error: PollError | null = null;
  /** Why pages of this poll could not settle. */
  #unsettled: unknown[] = [];
  #waiters: Waiter[] = [];

  constructor(parts: PollerParts) {
    this.#parts = parts;
    const { source, settings, telemetry } = parts;
    // With a long interval a source is behind by as much before every poll, and keeps up all the same.
    const bound = Math.max(settings.max_lag, 2 * settings.interval);
    this.#watch = new BehindWatch({ source, bound, telemetry, notify: parts.notify });
    this.#started = parts.clock.now();
  }

  /** Begins with the first poll. */
  start(): void {
    this.#started = this.#parts.clock.now();
    this.#running = this.#run();
  }

  status(): PollerStatus {
    const { readTo, now } = this.#progress();
    return {
      source: this.#parts.source,
      state: this.#state,
      readTo: this.#stored?.readTo ?? null,
      lag: Math.max(0, now - readTo),
      at: this.#finishedAt,
      pages: this.#pages,
      error: this.#error,
    };
  }

  /**
   * Resolves when the feed was read to its end once since the start. Rejects with the error when the
   * poll that is waited for fails; the poller goes on all the same. Stays open when it is stopped.
   */
  polled(): Promise<void> {
    if (this.#finishedAt !== null) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Resolves when nothing is under way any more; a page that was being taken is stored. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const begun = clock.now();
      await this.#poll(begun);
      await waitOn(clock, this.#pauseAfter(begun), signal);
    }
  }

  /** Never rejects. */
  async #poll(begun: number): Promise<void> {
    const { feed } = this.#parts;
    const { signal } = this.#stop;
    const sum = { pages: 0, accepted: 0, duplicates: 0, quarantined: 0 };
    this.#unsettled = [];
    try {
      if (this.#stored === undefined) await this.#findCursor();
      if (this.#failures.count === 0) this.#state = "reading";
      for await (const page of feed.poll(this.#stored?.cursor ?? null, signal)) {
        const taken = await this.#store(page, begun);
        if (signal.aborted) return;
        sum.pages += 1;
        sum.accepted += taken.accepted;
        sum.duplicates += taken.duplicates;
        sum.quarantined += taken.quarantined;
      }
      if (signal.aborted) return;
      if (this.#unsettled.length > 0) throw this.#unsettled[0];
      await this.#succeed(begun, sum);
    } catch (error) {
      if (!signal.aborted) await this.#fail(error);
    }
  }

  /** Page after page; the stream gives the thread back in between, so requests are served meanwhile. */
  async #store(page: FeedPage, begun: number): Promise<TakenCounts> {
    const { clock } = this.#parts;
    const { cursor, readTo } = page;
    const taken = await this.#take(page);
    if (!taken) return NOTHING;
    this.#pages += 1;
    await page.settle?.().catch((error: unknown) => this.#unsettled.push(error));
    if (this.#unsettled.length === 0) await this.#keep({ cursor, readTo, at: clock.now() });
    if (clock.now() - begun > CATCH_UP_MS) await this.#watch.check(this.#delay());
    return taken;
  }

  async #keep(cursor: StoredCursor): Promise<void> {
    const { source, stream } = this.#parts;
    await stream.setCursor(source, cursor);
    this.#stored = cursor;
  }

  /** Null when the poller was stopped before there was room. */
  async #take({ items }: FeedPage): Promise<TakenCounts | null> {
    if (items.length === 0) return NOTHING;
    const { source, take, clock, telemetry } = this.#parts;
    const { signal } = this.#stop;
    await waitForRoom(this.#parts, signal, (error) => this.#block(error));
    if (signal.aborted) return null;
    this.#state = "reading";
    this.#error = null;
    const begun = clock.now();
    const taken = await take(items);
    telemetry.emit({ event: "page_taken", source, ...taken, duration: clock.now() - begun });
    return taken;
  }

  async #block(error: TocsinError): Promise<void> {
    const { source, telemetry } = this.#parts;
    if (this.#state !== "blocked") telemetry.emit({ event: "poll_blocked", source, error });
    this.#state = "blocked";
    this.#error = describeError(error);
    await this.#watch.check(this.#delay());
  }

  async #succeed(begun: number, sum: TakenCounts & { pages: number }): Promise<void> {
    const { source, clock, telemetry } = this.#parts;
    const recovered = this.#failures.count > 0;
    this.#state = "waiting";
    this.#failures.clear();
    this.#error = null;
    this.#finishedAt = clock.now();
    const duration = this.#finishedAt - begun;
    telemetry.emit({ event: "poll_finished", source, ...sum, duration, recovered });
    this.#settleWaiters(({ resolve }) => resolve());
    await this.#watch.check(this.#delay());
    this.#watch.finish(this.#delay());
  }

  async #fail(error: unknown): Promise<void> {
    const { source, clock, telemetry } = this.#parts;
    this.#state = "failing";
    this.#error = describeError(error);
    const repeated = this.#failures.add(error, clock.now());
    telemetry.emit({ event: "poll_failed", source, error, repeated });
    this.#settleWaiters(({ reject }) => reject(error));
    await this.#watch.check(this.#delay());
  }

  #settleWaiters(settle: (waiter: Waiter) => void): void {
    for (const waiter of this.#waiters.splice(0)) settle(waiter);
  }

  #pauseAfter(begun: number): number {
    const { settings, clock } = this.#parts;
    if (this.#failures.count > 0) return this.#failures.pause(settings.interval);
    // A clock that was set back must not make the pause longer.
    return Math.min(settings.interval, Math.max(0, begun + settings.interval - clock.now()));
  }

  async #findCursor(): Promise<void> {
    this.#stored = await this.#parts.stream.cursor(this.#parts.source);
    this.#isNew = this.#stored === null;
  }

  /** As operators are told of it. */
  #delay(): Progress {
    const progress = this.#progress();
    if (!this.#isNew || this.#finishedAt !== null) return progress;
    return { ...progress, readTo: Math.max(progress.readTo, this.#started) };
  }

  #progress(): Progress {
    const readTo = this.#stored?.readTo ?? this.#started;
    return { readTo, now: this.#parts.clock.now(), error: this.#error };
  }
}

const NOTHING: TakenCounts = { accepted: 0, duplicates: 0, quarantined: 0 };
