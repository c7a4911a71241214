/**
 * Compares a source with its index now and then, and fetches what is missing.
 *
 * States: *waiting* → *comparing* → *waiting*. The first comparison comes soon after the start, for
 * whatever was missed while nothing ran; the pause counts from the end of one. One that fails is reported
 * and the next one looks again. *Stopping* aborts the one under way.
 */
import type { Clock } from "../telemetry/clock.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { ReconcileReport } from "./report.ts";
import { waitOn } from "./wait.ts";

/** From the start to the first comparison, unless they are more frequent; in milliseconds. */
const FIRST_AFTER_MS = 5 * 60_000;

export interface ReconcilerParts {
  readonly source: string;
  /** Milliseconds. */
  readonly every: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Compares up to now, with fetching. */
  run(signal: AbortSignal): Promise<ReconcileReport>;
}

/** What the last comparison found. */
export interface Reconciled {
  readonly missing: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #last: Reconciled | null = null;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /** Null before the first. */
  get last(): Reconciled | null {
    return this.#last;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { every, clock } = this.#parts;
    const { signal } = this.#stop;
    await waitOn(clock, Math.min(every, FIRST_AFTER_MS), signal);
    while (!signal.aborted) {
      await this.#reconcile(signal);
      await waitOn(clock, every, signal);
    }
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    const { source, clock, telemetry, run } = this.#parts;
    const begun = clock.now();
    try {
      const { found, missing_count: missing, backfilled } = await run(signal);
      this.#last = { missing, at: clock.now() };
      const duration = clock.now() - begun;
      const counts = { found, missing, backfilled, duration };
      telemetry.emit({ event: "reconcile_finished", source, ...counts });
    } catch (error) {
      if (!signal.aborted) telemetry.emit({ event: "reconcile_failed", source, error });
    }
  }
}
