import { setImmediate as nextTurn } from "node:timers/promises";

/** How long one slice of a transaction may hold the thread, in milliseconds. */
const SLICE_MS = 4;

/** Measures how long the thread has been held, and gives it back. */
export class Slice {
  #since = performance.now();

  isOver(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}
