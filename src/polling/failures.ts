/** Failures one after the other: how long to wait after them, and whether the log knows them already. */
import { messageOf, TocsinError } from "../errors.ts";

/** Longest pause, unless the interval is longer; in milliseconds. */
const LONGEST_PAUSE_MS = 60_000;
/** How often the same failure is logged, in milliseconds. */
const LOG_AGAIN_MS = 60_000;

/** What people are shown of an error. */
export interface PollError {
  readonly message: string;
  readonly hint: string | null;
}

/** Message and hint of anything thrown. */
export function describeError(error: unknown): PollError {
  const hint = error instanceof TocsinError ? (error.hint ?? null) : null;
  return { message: messageOf(error), hint };
}

export class Failures {
  #count = 0;
  /** Whether the last one was an answer that costs the peer nothing: what is read is not there yet. */
  #isCheap = false;
  #logged: { readonly message: string; readonly at: number } | null = null;

  /** How many there were since the last success. */
  get count(): number {
    return this.#count;
  }

  /** Adds one. Answers whether the same was added, and answered with false, less than a minute ago. */
  add(error: unknown, now: number): boolean {
    const { message } = describeError(error);
    this.#count += 1;
    this.#isCheap = error instanceof TocsinError && error.code === "NOT_FOUND";
    const isKnown = this.#logged?.message === message && now - this.#logged.at < LOG_AGAIN_MS;
    if (!isKnown) this.#logged = { message, at: now };
    return isKnown;
  }

  /** Begins anew after a success. What was logged stays known: it may come back at once. */
  clear(): void {
    this.#count = 0;
  }

  /**
   * Milliseconds to wait before the next try: the interval, doubled with every further failure. An index
   * that is not there yet is looked for at every interval, for it comes with the first alert.
   */
  pause(interval: number): number {
    if (this.#isCheap) return interval;
    return Math.min(interval * 2 ** (this.#count - 1), Math.max(interval, LONGEST_PAUSE_MS));
  }
}
