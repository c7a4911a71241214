/**
 * The gate before the body: may this sender send, and can what it sends be stored? Both are
 * answered before a byte of the body is taken.
 */
import { statfs } from "node:fs/promises";
import { TokenBucket, type Rate } from "../delivery/token-bucket.ts";
import { fail } from "../errors.ts";

const FREE_SPACE_POLL_MS = 2000;
/** Senders whose buckets are kept; full ones are forgotten first. */
const MAX_BUCKETS = 10_000;

export interface GateSettings {
  readonly folder: string;
  readonly maxBacklog: number;
  /** Bytes. */
  readonly minFree: number;
  /** Milliseconds. */
  readonly retryAfter: number;
  /** Entries that wait to be decided. */
  backlog(): number;
  now(): number;
}

export class Gate {
  readonly #settings: GateSettings;
  readonly #buckets = new Map<string, TokenBucket>();
  #free = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(settings: GateSettings) {
    this.#settings = settings;
  }

  /** Begins to watch the disk. */
  async open(): Promise<void> {
    await this.#measure();
    this.#timer = setInterval(() => void this.#measure(), FREE_SPACE_POLL_MS);
    this.#timer.unref();
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  /** Free bytes of the data folder's disk, as last measured. */
  get free(): number {
    return this.#free;
  }

  /** Throws OVERLOADED when what comes might not be stored or not be decided in time. */
  checkRoom(): void {
    const { maxBacklog, minFree, backlog, retryAfter } = this.#settings;
    const waiting = backlog();
    if (waiting > maxBacklog) {
      throw overloaded(
        `${waiting} entries wait to be decided (max_backlog is ${maxBacklog})`,
        retryAfter,
      );
    }
    if (this.#free < minFree) {
      throw overloaded(
        `the disk has ${this.#free} bytes free (min_free is ${minFree})`,
        retryAfter,
      );
    }
  }

  /** Throws RATE_LIMITED when a sender sends more than its rate. */
  checkRate(sender: string, rate: Rate | undefined): void {
    if (!rate) return;
    const now = this.#settings.now();
    const bucket = this.#buckets.get(sender) ?? this.#addBucket(sender, rate, now);
    const wait = bucket.take(now);
    if (wait === 0) return;
    throw fail("RATE_LIMITED", {
      component: "ingest",
      message: `more than ${rate.max} requests in ${rate.per / 1000} s`,
      hint: "Send several events in one request, or raise the rate in the configuration.",
      data: { retry_after: Math.ceil(wait / 1000) },
    });
  }

  #addBucket(sender: string, rate: Rate, now: number): TokenBucket {
    if (this.#buckets.size >= MAX_BUCKETS) this.#forgetFull(now);
    const bucket = new TokenBucket(rate, now);
    this.#buckets.set(sender, bucket);
    return bucket;
  }

  #forgetFull(now: number): void {
    for (const [sender, bucket] of this.#buckets)
      if (bucket.isFull(now)) this.#buckets.delete(sender);
  }

  async #measure(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#settings.folder);
      this.#free = bavail * bsize;
    } catch {
      // A folder that cannot be measured shows itself at the next commit, with a better message.
      this.#free = Number.POSITIVE_INFINITY;
    }
  }
}

function overloaded(why: string, retryAfter: number): Error {
  return fail("OVERLOADED", {
    component: "ingest",
    message: `cannot take more now: ${why}`,
    hint: "Nothing was taken; send it again later.",
    data: { retry_after: Math.ceil(retryAfter / 1000) },
  });
}
