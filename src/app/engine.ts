/**
 * The engine: what runs on the worker thread. It reads the stream, decides, and delivers.
 *
 * States: *running* → *stopping* → *stopped*. Running, it sleeps until it is woken (the edge
 * appended something, a timer, once a second in case another process changed the data) and then
 * takes batch after batch until the stream is empty, giving the thread back after each so that
 * deliveries under way go on. Stopping, the batch at hand is finished and the outlets drain.
 *
 * When a batch cannot be committed, nothing of it is stored; the reader is opened again at the
 * store's cursor and the same entries are decided again after a pause.
 */
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { Outlet } from "../delivery/outlet.ts";
import type { Decision } from "../pipeline/decide.ts";
import type { Position } from "../pipeline/entry.ts";
import type { PipelineConfiguration } from "../pipeline/flow.ts";
import { runBatch } from "../pipeline/runner.ts";
import type { RaisedNotice, Store } from "../store/store.ts";
import type { StreamReader } from "../stream/stream.ts";
import type { Clock } from "../telemetry/clock.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** Entries decided in one transaction: large enough to share its sync, short enough for deliveries. */
const BATCH = 64;
const POLL_MS = 1000;
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
}

export interface Engine {
  wake(): void;
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
  #reader: StreamReader;
  #running: Promise<void> | null = null;
  #again = false;
  #paused = false;
  #stopping = false;
  #cancelPoll: () => void = () => {};

  constructor(parts: EngineParts, cursor: Position) {
    this.#parts = parts;
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
    await this.#running;
    await Promise.all(this.#parts.outlets.map((outlet) => outlet.stop(grace)));
    await this.#reader.close();
    await this.#parts.store.close();
  }

  /** Another process (the CLI) may have changed the data; nobody tells us but the clock. */
  #poll(): void {
    const { clock } = this.#parts;
    this.#cancelPoll = clock.at(clock.now() + POLL_MS, () => {
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
    const { store, configuration, clock, telemetry } = this.#parts;
    while (!this.#stopping && !this.#paused) {
      const entries = await this.#reader.read(BATCH);
      const last = entries.at(-1);
      if (!last) return;
      const begun = performance.now();
      const decisions = await runBatch(entries, store, configuration, clock.now());
      await this.#reader.acknowledge(entries);
      const decided = decisions.map(({ entry, outcome, routing }) => {
        return { source: entry.source, outcome: outcome.kind, routing };
      });
      telemetry.emit({
        event: "batch_decided",
        entries: decided,
        duration: performance.now() - begun,
      });
      this.#parts.onProgress(last.position);
      this.#wakeOutlets(decisions);
      await nextTurn();
      await this.#letOutletsCatchUp();
    }
  }

  #wakeOutlets(decisions: readonly Decision[]): void {
    const planned = new Map<string, number>();
    for (const { destination, state } of decisions.flatMap(({ deliveries }) => deliveries)) {
      if (state === "pending") planned.set(destination, (planned.get(destination) ?? 0) + 1);
    }
    for (const [name, count] of planned) this.#outlets.get(name)?.wake(count);
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
