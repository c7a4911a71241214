/** Time comes in through this, so that tests can turn the hands. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls once at or after a time; answers what calls it off. */
  at(time: number, call: () => void): () => void;
}

/** The time of the machine. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  at(time, call) {
    // Timers hold 2^31-1 ms at most; a longer wait wakes early and is set again by its owner.
    const timer = setTimeout(call, Math.min(Math.max(0, time - Date.now()), 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
