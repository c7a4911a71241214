/**
 * The circuit breaker of a destination.
 *
 * - *closed*: deliveries flow. Consecutive failures are counted; at the threshold it opens.
 * - *open*: nothing is tried until a time. What waits stays pending and loses no tries.
 * - *probing*: the time is over and one try is out. Success closes, failure opens for twice as long.
 *
 * An answer that rejects one message, or fails it alone, shows that the peer works, so it counts as
 * success here.
 */
const THRESHOLD = 5;
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 600_000;

export type BreakerState = "closed" | "open" | "probing";

export class Breaker {
  #state: BreakerState = "closed";
  #failures = 0;
  #pause = FIRST_PAUSE;
  #until = 0;
  #failingSince = 0;

  get state(): BreakerState {
    return this.#state;
  }

  /** How many tries may be started now. */
  allowance(now: number): number {
    if (this.#state === "closed") return Number.POSITIVE_INFINITY;
    if (this.#state === "probing") return 0;
    // Longer than the pause it lasts only by a clock that was set back.
    return now >= this.#until || now < this.#until - this.#pause ? 1 : 0;
  }

  /** When a probe may go out; null unless it is open. */
  get opensAt(): number | null {
    return this.#state === "open" ? this.#until : null;
  }

  /** When the first of the failures was noted that followed the last success. */
  get failingSince(): number {
    return this.#failingSince;
  }

  /** Notes that a try goes out. */
  begin(): void {
    if (this.#state === "open") this.#state = "probing";
  }

  succeed(): void {
    this.#state = "closed";
    this.#failures = 0;
    this.#pause = FIRST_PAUSE;
  }

  /** Notes a failure; answers whether it opened the breaker. */
  fail(now: number): boolean {
    if (this.#failures === 0) this.#failingSince = now;
    this.#failures += 1;
    if (this.#state === "closed" && this.#failures < THRESHOLD) return false;
    const wasOpen = this.#state !== "closed";
    if (this.#state === "open") return false;
    if (wasOpen) this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    this.#state = "open";
    this.#until = now + this.#pause;
    return !wasOpen;
  }
}
