/**
 * The engine: what runs on the worker thread. It reads the stream, decides, and delivers.
 *
 * Two clocks. While there are entries to decide, time is the log's: timers fire between entries, in
 * the order in which they were received. When the log is read to its end, it is the clock's.
 *
 * States: *running* → *stopping* → *stopped*. Running, it sleeps until it is woken (the edge
 * appended something, a timer, once a second in case another process changed the data) and then
 * takes batch after batch until the stream is empty, giving the thread back after each so that
 * deliveries under way go on. Stopping, the batch at hand is finished and the outlets drain.
 *
 * When the machine's clock is set back, what waits by the clock would wait until it gets there again;
 * this is noticed when the log is read to its end, and made up for.
 *
 * When a batch cannot be committed, nothing of it is stored; the reader is opened again at the
 * store's cursor and the same entries are decided again after a pause.
 */
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { Outlet } from "../delivery/outlet.ts";
import type { Position } from "../pipeline/entry.ts";
import type { PipelineConfiguration } from "../pipeline/policies.ts";
import { runBatch, runTimers, type Ran, type RunnerParts } from "../pipeline/runner.ts";
import type { RaisedNotice, Store } from "../store/store.ts";
import type { StreamReader } from "../stream/stream.ts";
import type { Clock } from "../telemetry/clock.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** Entries decided in one transaction: large enough to share its sync, short enough for deliveries. */
const BATCH = 64;
const POLL_MS = 1000;
/** A clock that is this much behind the newest time seen was set back. */
const SET_BACK_MS = 1000;
/** How many deliveries deciding may be ahead of sending, and how long a batch waits for that at most. */
const LEAD = 256;
const LEAD_WAIT_MS = 10;

export interface EngineParts {
  readonly store: Store;
  openReader(after: Position): StreamReader;
  readonly configuration: PipelineConfiguration;
  readonly outlets: readonly Outlet[];
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Appends Tocsin's own alerts to the stream; resolves when they are durable. */
  appendNotices(notices: readonly RaisedNotice[]): Promise<void>;
  /** Told how far the stream is decided. */
  onProgress(cursor: Position): void;
  /** What another process changed of the configuration, asked once a second; null for nothing. */
  refresh?(): PipelineConfiguration | null;
}

export interface Engine {
  wake(): void;
  /** Decides with another configuration from the next batch on. */
  reconfigure(configuration: PipelineConfiguration): void;
  /** Leaves the stream alone (deliveries go on) until resumed. */
  pause(): void;
  resume(): void;
  /** Whether nothing is left to do at this moment. */
  idle(): boolean;
  stop(grace: number): Promise<void>;
}

/** Starts the engine where the store's cursor is. */
export async function startEngine(parts: EngineParts): Promise<Engine> {
  const engine = new RunningEngine(parts, await parts.store.cursor());
  engine.start();
  return engine;
}

class RunningEngine implements Engine {
  readonly #parts: EngineParts;
  readonly #outlets: ReadonlyMap<string, Outlet>;
  #configuration: PipelineConfiguration;
  #reader: StreamReader;
  #running: Promise<void> | null = null;
  #again = false;
  #paused = false;
  #stopping = false;
  /** The newest time that the clock or an entry showed; nothing is known of the time before the start. */
  #newest = Number.POSITIVE_INFINITY;
  #cancelPoll: () => void = () => {};
  #cancelTimer: () => void = () => {};

  constructor(parts: EngineParts, cursor: Position) {
    this.#parts = parts;
    this.#configuration = parts.configuration;
    this.#outlets = new Map(parts.outlets.map((outlet) => [outlet.name, outlet]));
    this.#reader = parts.openReader(cursor);
    parts.onProgress(cursor);
  }

  start(): void {
    this.#poll();
    this.wake();
  }

  wake(): void {
    this.#again = true;
    if (this.#stopping || this.#paused) return;
    this.#running ??= this.#run();
  }

  reconfigure(configuration: PipelineConfiguration): void {
    this.#configuration = configuration;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.wake();
  }

  idle(): boolean {
    return this.#running === null && this.#parts.outlets.every((outlet) => outlet.idle);
  }

  async stop(grace: number): Promise<void> {
    this.#stopping = true;
    this.#cancelPoll();
    this.#cancelTimer();
    await this.#running;
    await Promise.all(this.#parts.outlets.map((outlet) => outlet.stop(grace)));
    await this.#reader.close();
    await this.#parts.store.close();
  }

  /** Another process (the CLI) may have changed the data; nobody tells us but the clock. */
  #poll(): void {
    const { clock } = this.#parts;
    this.#cancelPoll = clock.at(clock.now() + POLL_MS, () => {
      const fresh = this.#parts.refresh?.();
      if (fresh) this.reconfigure(fresh);
      this.wake();
      for (const outlet of this.#parts.outlets) outlet.wake();
      this.#poll();
    });
  }

  async #run(): Promise<void> {
    try {
      while (this.#again && !this.#stopping && !this.#paused) {
        this.#again = false;
        await this.#decideAll();
        await this.#appendNotices();
      }
    } catch (error) {
      await this.#recover(error);
    } finally {
      this.#running = null;
    }
  }

  async #decideAll(): Promise<void> {
    const { clock } = this.#parts;
    while (!this.#stopping && !this.#paused) {
      const entries = await this.#reader.read(BATCH);
      const last = entries.at(-1);
      if (!last) return this.#runTimers();
      const begun = performance.now();
      const ran = await runBatch(entries, this.#runner(), clock.now());
      this.#newest = Math.max(this.#newest, ...entries.map((entry) => entry.received_at));
      await this.#reader.acknowledge(entries);
      this.#report(ran, performance.now() - begun);
      this.#parts.onProgress(last.position);
      // Under load the log may not be read to its end for hours.
      await this.#appendNotices();
      await nextTurn();
      await this.#letOutletsCatchUp();
    }
  }

  /** The log is read to its end: what is due by the clock, and an alarm for what is due next. */
  async #runTimers(): Promise<void> {
    const { clock, store } = this.#parts;
    const begun = performance.now();
    const now = clock.now();
    await this.#makeUpForSetBack(now);
    const timers = await runTimers(now, this.#runner(), now);
    if (timers.length > 0) this.#report({ decisions: [], timers }, performance.now() - begun);
    const next = await store.nextTimer();
    this.#cancelTimer();
    if (next === null) return;
    this.#cancelTimer = clock.at(next, () => this.wake());
  }

  async #makeUpForSetBack(now: number): Promise<void> {
    if (now >= this.#newest - SET_BACK_MS) {
      this.#newest = Math.max(now, this.#newest);
      return;
    }
    await this.#parts.store.rearmTimers(now);
    this.#newest = now;
  }

  #runner(): RunnerParts {
    const { store } = this.#parts;
    const configuration = this.#configuration;
    return { store, configuration, documents: (positions) => this.#reader.documents(positions) };
  }

  #report({ decisions, timers }: Ran, duration: number): void {
    const entries = decisions.map(({ entry, outcome, routing }) => {
      return { source: entry.source, outcome: outcome.kind, routing };
    });
    const fired = timers.map(({ cell }) => cell.stage);
    this.#parts.telemetry.emit({ event: "batch_decided", entries, timers: fired, duration });
    this.#wakeOutlets({ decisions, timers });
  }

  /** What timers sent is found by waking all: they do not say for whom. */
  #wakeOutlets({ decisions, timers }: Ran): void {
    const planned = new Map<string, number>();
    for (const { destination, state, hold } of decisions.flatMap(({ deliveries }) => deliveries)) {
      if (state !== "pending" || hold !== null) continue;
      planned.set(destination, (planned.get(destination) ?? 0) + 1);
    }
    for (const [name, count] of planned) this.#outlets.get(name)?.wake(count);
    const sends = timers.some(({ changes }) => changes.moves.some(({ to }) => to === "send"));
    if (sends) for (const outlet of this.#outlets.values()) outlet.wake();
  }

  /**
   * What is sent soon after it was decided need not be read back, so deciding does not run far ahead
   * of sending. The wait is short, because a destination that is merely slow must not hold the others.
   */
  async #letOutletsCatchUp(): Promise<void> {
    for (let waited = 0; waited < LEAD_WAIT_MS && this.#isFarAhead(); waited += 1) await pause(1);
  }

  #isFarAhead(): boolean {
    return this.#parts.outlets.some((outlet) => outlet.behind > LEAD);
  }

  async #appendNotices(): Promise<void> {
    const { store } = this.#parts;
    const notices = await store.unsettledNotices();
    if (notices.length === 0) return;
    await this.#parts.appendNotices(notices);
    await store.settleNotices(notices.map(({ key }) => key));
  }

  async #recover(error: unknown): Promise<void> {
    this.#parts.telemetry.emit({ event: "pipeline_failed", error });
    await this.#reader.close();
    this.#reader = this.#parts.openReader(await this.#parts.store.cursor());
    // The poll wakes it again; that is the pause.
    this.#again = false;
  }
}
