/** Timers by due time, for thousands of them. */
import type { DueCell } from "../pipeline/state.ts";

/**
 * A heap of timers, the earliest on top; at one time by stage and key. A timer that was set anew is
 * pushed again, and the old one left to whoever takes it off to recognise.
 */
export class TimerQueue {
  readonly #heap: DueCell[] = [];

  push(cell: DueCell): void {
    this.#heap.push(cell);
    let at = this.#heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  peek(): DueCell | undefined {
    return this.#heap[0];
  }

  pop(): DueCell | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (!top || !last || this.#heap.length === 0) return top;
    this.#heap[0] = last;
    this.#sink(0);
    return top;
  }

  #sink(from: number): void {
    for (let at = from; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < this.#heap.length && this.#isBefore(left, least)) least = left;
      if (right < this.#heap.length && this.#isBefore(right, least)) least = right;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(first: number, second: number): boolean {
    const [a, b] = [this.#heap[first], this.#heap[second]];
    return a !== undefined && b !== undefined && compareTimers(a, b) < 0;
  }

  #swap(first: number, second: number): void {
    const [a, b] = [this.#heap[first], this.#heap[second]];
    if (!a || !b) return;
    this.#heap[first] = b;
    this.#heap[second] = a;
  }
}

/** The order in which timers fire. */
export function compareTimers(a: DueCell, b: DueCell): number {
  if (a.due_at !== b.due_at) return a.due_at - b.due_at;
  if (a.stage !== b.stage) return a.stage < b.stage ? -1 : 1;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
