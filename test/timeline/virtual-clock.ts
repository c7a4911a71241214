/**
 * A clock whose hands the test turns. Time passes by itself alone; what the hands show can be set
 * beside it. Alarms count the time that passes, as timers of a machine do: one that was set before
 * the hands were moved rings when it would have.
 */
import type { Clock } from "../../src/telemetry/clock.ts";

interface Alarm {
  readonly time: number;
  readonly call: () => void;
}

export class VirtualClock implements Clock {
  #time: number;
  /** How far the hands are ahead of the time. */
  #ahead = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(start: number) {
    this.#time = start;
  }

  /** What the hands show. */
  now = (): number => this.#time + this.#ahead;

  at = (time: number, call: () => void): (() => void) => {
    const alarm = { time: time - this.#ahead, call };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  };

  /** The time that passed since the start, whatever the hands show, with the start. */
  get time(): number {
    return this.#time;
  }

  /** Lets time pass to the next alarm that is not after `limit` and rings it; false when there is none. */
  ringNext(limit: number): boolean {
    const next = [...this.#alarms].toSorted((a, b) => a.time - b.time)[0];
    if (!next || next.time > limit) return false;
    this.#alarms.delete(next);
    this.#time = Math.max(this.#time, next.time);
    next.call();
    return true;
  }

  /** The times of all alarms that are set, the first one first. */
  alarms(): number[] {
    return [...this.#alarms].map(({ time }) => time).toSorted((a, b) => a - b);
  }

  /** Lets time pass without ringing anything; never back. */
  pass(time: number): void {
    this.#time = Math.max(this.#time, time);
  }

  /** Sets the hands, forwards or back. */
  set(time: number): void {
    this.#ahead = time - this.#time;
  }
}
