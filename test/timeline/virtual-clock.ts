/** A clock whose hands the test turns. */
import type { Clock } from "../../src/telemetry/clock.ts";

interface Alarm {
  readonly time: number;
  readonly call: () => void;
}

export class VirtualClock implements Clock {
  #now: number;
  readonly #alarms = new Set<Alarm>();

  constructor(start: number) {
    this.#now = start;
  }

  now = (): number => this.#now;

  at = (time: number, call: () => void): (() => void) => {
    const alarm = { time, call };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  };

  /** Moves to the next alarm that is not after `limit` and rings it; false when there is none. */
  ringNext(limit: number): boolean {
    const next = [...this.#alarms].toSorted((a, b) => a.time - b.time)[0];
    if (!next || next.time > limit) return false;
    this.#alarms.delete(next);
    this.#now = Math.max(this.#now, next.time);
    next.call();
    return true;
  }

  /** Sets the hands, forwards or back, without ringing anything. */
  set(time: number): void {
    this.#now = time;
  }
}
