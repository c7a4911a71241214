/** `max` tokens `per` milliseconds, with bursts up to `max`. Time is passed in. */
export interface Rate {
  readonly max: number;
  /** Milliseconds. */
  readonly per: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.max;
    this.#at = now;
  }

  /** Takes a token; answers 0, or the milliseconds until there is one. */
  take(now: number): number {
    this.#refill(now);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    // The small part taken off is the error of adding fractions, not time.
    return Math.max(1, Math.ceil(((1 - this.#tokens) * this.#rate.per) / this.#rate.max - 1e-6));
  }

  /** Whether the bucket is full, so that forgetting it changes nothing. */
  isFull(now: number): boolean {
    this.#refill(now);
    return this.#tokens >= this.#rate.max;
  }

  #refill(now: number): void {
    // A clock that is set back must not take tokens away.
    const elapsed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(
      this.#rate.max,
      this.#tokens + (elapsed * this.#rate.max) / this.#rate.per,
    );
    this.#at = now;
  }
}
