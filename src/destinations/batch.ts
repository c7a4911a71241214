/**
 * Messages that are sent at the same time go out in one request.
 *
 * A message is *waiting* from `send` until a request takes it, then *under way* until the request ends.
 * Requests start when the event loop turns, so that all that was sent in one turn goes together; while
 * as many are under way as may be, messages wait, and the next request takes them all. No time passes for
 * nothing.
 *
 * Whoever aborts gets a `retry` at once and leaves the others alone: what was waiting is not sent, what
 * is under way may arrive. A request is aborted when nobody waits for it any more.
 */
import { setMaxListeners } from "node:events";
import type { Exchange, SendContext, Verdict } from "./destination.ts";

export interface BatchOptions<Item> {
  /** Messages of one request. */
  readonly maxItems: number;
  /** Bytes of one request, by `sizeOf`; a larger message goes alone. */
  readonly maxBytes: number;
  /** Requests under way at the same time. */
  readonly requests: number;
  sizeOf(item: Item): number;
  /** Sends some, one at least; a verdict for each, in their order. Throws only for bugs. */
  sendAll(items: readonly Item[], context: SendContext): Promise<readonly Verdict[]>;
}

/** Sends one message with others; what `sendAll` throws is thrown to all of them. */
export type SendOne<Item> = (item: Item, context: SendContext) => Promise<Verdict>;

interface Waiting<Item> {
  readonly item: Item;
  readonly context: SendContext;
  settled: boolean;
  settle(verdict: Verdict): void;
  fail(error: unknown): void;
}

const STOPPED: Verdict = { kind: "retry", reason: "reset", error: "the sending was stopped" };

/** Makes the function that sends messages together. */
export function createBatcher<Item>(options: BatchOptions<Item>): SendOne<Item> {
  const batcher = new Batcher(options);
  return (item, context) => batcher.send(item, context);
}

class Batcher<Item> {
  readonly #options: BatchOptions<Item>;
  #waiting: Waiting<Item>[] = [];
  #underWay = 0;
  #planned = false;

  constructor(options: BatchOptions<Item>) {
    this.#options = options;
  }

  send(item: Item, context: SendContext): Promise<Verdict> {
    if (context.signal.aborted) return Promise.resolve(STOPPED);
    return new Promise((resolve, reject) => {
      const stop = () => waiting.settle(STOPPED);
      const end = (then: () => void) => {
        waiting.settled = true;
        context.signal.removeEventListener("abort", stop);
        then();
      };
      const waiting: Waiting<Item> = {
        item,
        context,
        settled: false,
        settle: (verdict) => end(() => resolve(verdict)),
        fail: (error) => end(() => reject(error as Error)),
      };
      // All messages of a destination share one signal; Node would take that for a leak.
      setMaxListeners(0, context.signal);
      context.signal.addEventListener("abort", stop);
      this.#waiting.push(waiting);
      this.#plan();
    });
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#start();
    });
  }

  #start(): void {
    while (this.#underWay < this.#options.requests) {
      const batch = this.#take();
      if (batch.length === 0) return;
      this.#underWay += 1;
      void this.#run(batch).finally(() => {
        this.#underWay -= 1;
        this.#plan();
      });
    }
  }

  /** The next ones as far as they fit into one request. */
  #take(): Waiting<Item>[] {
    const { maxItems, maxBytes, sizeOf } = this.#options;
    this.#waiting = this.#waiting.filter(({ settled }) => !settled);
    let bytes = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      bytes += sizeOf(item);
      if (count === maxItems || (count > 0 && bytes > maxBytes)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #run(batch: readonly Waiting<Item>[]): Promise<void> {
    const { context, release } = shareContext(batch);
    const items = batch.map(({ item }) => item);
    try {
      const verdicts = await this.#options.sendAll(items, context);
      for (const [index, waiting] of batch.entries()) waiting.settle(verdicts[index] ?? STOPPED);
    } catch (error) {
      for (const waiting of batch) waiting.fail(error);
    } finally {
      release();
    }
  }
}

/** Aborts when all have; what is recorded is recorded for everybody who wants it. */
function shareContext(batch: readonly Waiting<unknown>[]) {
  const controller = new AbortController();
  const stopWhenAlone = () => {
    if (batch.every(({ context }) => context.signal.aborted)) controller.abort();
  };
  const signals = new Set(batch.map(({ context }) => context.signal));
  for (const signal of signals) signal.addEventListener("abort", stopWhenAlone);
  const record = (exchange: Exchange) => {
    for (const { context } of batch) context.record?.(exchange);
  };
  const release = () => {
    for (const signal of signals) signal.removeEventListener("abort", stopWhenAlone);
  };
  return { context: { signal: controller.signal, record }, release };
}

/**
 * Sends two halves, one after the other: for peers that refuse the whole because of one, or its size. When
 * the peer takes nothing of the first half for now, the second waits with it and is not sent.
 */
export async function sendHalves<Item>(
  items: readonly Item[],
  send: (half: readonly Item[]) => Promise<readonly Verdict[]>,
): Promise<readonly Verdict[]> {
  const middle = Math.ceil(items.length / 2);
  const first = await send(items.slice(0, middle));
  const rest = items.slice(middle);
  const last = first.at(-1);
  if (last && first.every(({ kind }) => kind === "retry"))
    return [...first, ...rest.map(() => last)];
  return [...first, ...(await send(rest))];
}
