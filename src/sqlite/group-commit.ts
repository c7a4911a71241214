/**
 * Group commit: works that arrive together share one transaction, and so one sync to disk. The first
 * after a rest is committed at once; under load each waits a few milliseconds for company.
 *
 * States of a work: *waiting* → *done* (committed; only now does its promise resolve) or *failed*
 * (rolled back). When a shared transaction fails, each work is tried again alone, so that one that
 * cannot be stored does not take its neighbours with it.
 */
import type { Database } from "./database.ts";

/** The least time between two commits. */
const PAUSE_MS = 3;

interface Waiting {
  readonly work: () => void;
  resolve(): void;
  reject(error: unknown): void;
}

export class GroupCommit {
  readonly #database: Database;
  readonly #onRollback: () => void;
  #waiting: Waiting[] = [];
  #committedAt = 0;

  /** `onRollback` is told when something that works did to memory may not be true of the file. */
  constructor(database: Database, onRollback: () => void) {
    this.#database = database;
    this.#onRollback = onRollback;
  }

  /** Runs a synchronous work in a transaction, maybe with others. Resolves when it is durable. */
  run(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      if (this.#waiting.length === 1) this.#schedule();
    });
  }

  #schedule(): void {
    const flush = (): void => this.#flush();
    const rest = this.#committedAt + PAUSE_MS - performance.now();
    if (rest > 0) setTimeout(flush, rest);
    else setImmediate(flush);
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const error = this.#commit(batch);
    if (error === null) return;
    const [first, ...others] = batch;
    if (others.length === 0) return first?.reject(error.cause);
    for (const waiting of batch) {
      const own = this.#commit([waiting]);
      if (own) waiting.reject(own.cause);
    }
  }

  #commit(batch: readonly Waiting[]): { readonly cause: unknown } | null {
    try {
      this.#database.transaction(() => {
        for (const { work } of batch) work();
      });
    } catch (cause) {
      this.#onRollback();
      return { cause };
    }
    this.#committedAt = performance.now();
    for (const { resolve } of batch) resolve();
    return null;
  }
}
