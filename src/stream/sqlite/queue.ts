/**
 * What waits to be written to the file, and the order in which it is.
 *
 * States of a work: *queued* → *writing* (in the open transaction) → *durable* (committed), or
 * *refused* (rolled back). Works that arrive while others are being handled share one transaction,
 * so the cost of the sync to disk is per batch and not per work. When a shared transaction fails,
 * each of its works is tried again alone, in their order.
 *
 * Calls to the engine are synchronous; a transaction therefore gives the thread back between slices
 * of a few milliseconds. What must not meet an open transaction, or would see what is not committed
 * yet, runs between two.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "../../sqlite/database.ts";
import { reached } from "../../telemetry/milestones.ts";
import { readSequences, writeSequences, type Sequences } from "./append.ts";
import { Slice } from "./slice.ts";

/** Entries one transaction takes at most, unless a single work has more. */
const BATCH_ENTRIES = 512;

/** What waits for its place in a transaction. */
export interface Work<Result> {
  /** How many entries it brings. */
  readonly entries: number;
  /** Inside the open transaction; again in another one when that was rolled back. */
  write(sequences: Sequences, slice: Slice): Promise<Result>;
  /** It is durable. */
  resolve(result: Result): void;
  /** It is refused: nothing of it is in the file. */
  reject(cause: unknown): void;
}

export class WriteQueue {
  readonly #database: Database;
  readonly #onCommit: () => void;
  #queue: Work<unknown>[] = [];
  #between: (() => void)[] = [];
  #flushing: Promise<void> | null = null;

  /** `onCommit` is told after each commit, when all works in it are resolved. */
  constructor(database: Database, onCommit: () => void) {
    this.#database = database;
    this.#onCommit = onCommit;
  }

  /** Writes it after all that was added before. */
  add<Result>(work: Work<Result>): void {
    this.#queue.push(work);
    this.#flushing ??= this.#flush();
  }

  /** Runs a short synchronous work of its own when no transaction is open. */
  between<Result>(work: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#between.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
      this.#flushing ??= this.#flush();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // One turn of patience lets the requests that are already here share the first commit.
    await nextTurn();
    while (this.#queue.length > 0 || this.#between.length > 0) {
      if (this.#queue.length > 0) await this.#writeBatch(this.#takeBatch());
      this.#between.shift()?.();
    }
    this.#flushing = null;
  }

  #takeBatch(): Work<unknown>[] {
    let entries = 0;
    let count = 0;
    while (count < this.#queue.length && entries < BATCH_ENTRIES) {
      entries += 1 + (this.#queue[count]?.entries ?? 0);
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #writeBatch(batch: readonly Work<unknown>[]): Promise<void> {
    try {
      const results = await this.#commit(batch);
      reached("append.committed");
      for (const [index, work] of batch.entries()) work.resolve(results[index]);
      this.#onCommit();
    } catch (error) {
      await this.#writeOneByOne(batch, error);
    }
  }

  /** One work that cannot be stored must not take its neighbours with it. */
  async #writeOneByOne(batch: readonly Work<unknown>[], error: unknown): Promise<void> {
    const [first, ...others] = batch;
    if (first && others.length === 0) return first.reject(error);
    for (const work of batch) await this.#writeBatch([work]);
  }

  async #commit(batch: readonly Work<unknown>[]): Promise<unknown[]> {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const slice = new Slice();
      const results: unknown[] = [];
      const sequences = readSequences(this.#database);
      for (const work of batch) results.push(await work.write(sequences, slice));
      writeSequences(this.#database, sequences);
      this.#database.exec("COMMIT");
      return results;
    } catch (error) {
      this.#database.rollback();
      throw error;
    }
  }
}
