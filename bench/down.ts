/** What a destination that is down costs another one, and how fast it catches up. */
import { setTimeout as wait } from "node:timers/promises";
import {
  perSecond,
  run,
  sampleMemory,
  withProduct,
  type Running,
  type Setting,
} from "./product.ts";
import { measureSteady, startWatch, type Sequence, type Watch } from "./steady.ts";
import type { Arrived } from "./sink.ts";

export interface DownSize extends Setting {
  /** Deliveries that wait for the destination that is down. */
  readonly backlog: number;
  /** How long latency is measured each time, in seconds, and alerts a second meanwhile. */
  readonly steady: number;
  readonly steadyRate: number;
}

/** Milliseconds are from the answer to an alert until the healthy destination had it, smallest first. */
export interface Down {
  /** With both up, before and after. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** With the other one down and its backlog waiting, and while that is sent. */
  readonly down: readonly number[];
  readonly draining: readonly number[];
  /** Bytes, one sample a second, while the backlog grows and then while it waits. */
  readonly rss: readonly number[];
  readonly waiting: readonly number[];
  /** From when the peer was up again to its first message, milliseconds. */
  readonly noticed: number;
  readonly drainedPerSecond: number;
  /** Of all messages of the backlog, by how many newer ones the most overtaken one was. */
  readonly overtaken: number;
  readonly repeated: number;
}

const FAR = "far";
/** How long the next probe may be away, and how long sending the backlog may take, in milliseconds. */
const PROBE_MS = 660_000;
const DRAIN_MS = 600_000;

export async function measureDown(size: DownSize): Promise<Down> {
  const receiver = await startWatch();
  try {
    return await withProduct(
      size,
      (running) => new Outage(running, receiver, size).measure(),
      (sink) => {
        return {
          destinations: {
            [FAR]: { kind: "webhook", url: sink },
            near: { kind: "webhook", url: receiver.url },
          },
          routes: [{ name: "all", to: [FAR, "near"] }],
        };
      },
    );
  } finally {
    receiver.close();
  }
}

class Outage {
  readonly #running: Running;
  readonly #receiver: Watch;
  readonly #size: DownSize;
  readonly #sequence: Sequence = { last: 0 };

  constructor(running: Running, receiver: Watch, size: DownSize) {
    this.#running = running;
    this.#receiver = receiver;
    this.#size = size;
  }

  async measure(): Promise<Down> {
    const { product, sink } = this.#running;
    // As much is in the files before as waits later, or a small file would be held against a large one.
    await this.#fill();
    await this.#awaitFar();
    await this.#steady(2);
    const before = await this.#steady();
    await sink.ask("down", true, 10_000);
    const { rss } = await sampleMemory(product, () => this.#fill());
    const { rss: waiting, result: down } = await sampleMemory(product, () => this.#steady());
    const drained = await this.#drain();
    const after = await this.#steady();
    return { before, down, after, rss, waiting, ...drained };
  }

  /** Sends as many alerts as shall wait, and lets the healthy destination have them. */
  async #fill(): Promise<void> {
    const { load, target } = this.#running;
    const { client, backlog: count } = this.#size;
    const goal = this.#receiver.count() + count;
    await run(load, { ...target, client, count });
    while (this.#receiver.count() < goal) await wait(50);
  }

  #steady(seconds = this.#size.steady): Promise<readonly number[]> {
    return this.#steadyUntil((elapsed) => elapsed >= seconds * 1000);
  }

  #steadyUntil(isOver: (elapsed: number) => boolean): Promise<readonly number[]> {
    const { client, steadyRate: rate } = this.#size;
    const sequence = this.#sequence;
    return measureSteady(this.#running.target, this.#receiver, { client, rate, sequence }, isOver);
  }

  async #drain() {
    const { sink } = this.#running;
    await sink.ask("positions", null, 10_000);
    const { messages } = await this.#far();
    const up = performance.now();
    await sink.ask("down", false, 10_000);
    while ((await this.#far()).messages === messages) await within(up, PROBE_MS);
    const begun = performance.now();
    const goal = this.#receiver.count();
    let isOver = false;
    const [draining, took] = await Promise.all([
      this.#steadyUntil(() => isOver),
      this.#awaitFar(goal).then(() => {
        isOver = true;
        return performance.now() - begun;
      }),
    ]);
    await this.#awaitFar();
    const { messages: all, keys } = await this.#far();
    const positions = await sink.ask<number[]>("positions", null, 30_000);
    return {
      draining,
      noticed: begun - up,
      drainedPerSecond: perSecond(goal - messages, took),
      overtaken: mostOvertaken(positions),
      repeated: all - keys,
    };
  }

  #far(): Promise<Arrived> {
    return this.#running.sink.ask<Arrived>("arrived", null, 10_000);
  }

  /** Waits until the other destination has as much as this one had. */
  async #awaitFar(goal = this.#receiver.count()): Promise<void> {
    const begun = performance.now();
    while ((await this.#far()).keys < goal) await within(begun, DRAIN_MS);
  }
}

async function within(begun: number, limit: number): Promise<void> {
  if (performance.now() - begun > limit) throw new RangeError(`took more than ${limit} ms`);
  await wait(20);
}

/** How many places after its turn the latest came. */
function mostOvertaken(positions: readonly number[]): number {
  const sorted = Float64Array.from(positions).sort();
  const turns = new Map([...sorted].map((position, turn) => [position, turn]));
  let most = 0;
  for (const [place, position] of positions.entries())
    most = Math.max(most, place - (turns.get(position) ?? place));
  return most;
}
