/**
 * Collects results of all destinations and records them together: one sync to disk for the tries
 * that ended in the same moment. A slot is free again only when its result is on disk, which is why
 * a crash can repeat at most `concurrency` messages.
 */
import type { DeliveryResult, Notice, Store } from "../store/store.ts";

interface Waiting {
  readonly result: DeliveryResult;
  readonly notices: readonly Notice[];
  resolve(): void;
  reject(error: unknown): void;
}

export class Recorder {
  readonly #store: Store;
  #waiting: Waiting[] = [];
  #scheduled = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves when the result is durable. */
  record(result: DeliveryResult, notices: readonly Notice[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ result, notices, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    this.#scheduled = false;
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      await this.#store.recordResults(
        batch.map(({ result }) => result),
        batch.flatMap(({ notices }) => notices),
      );
      for (const waiting of batch) waiting.resolve();
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}
