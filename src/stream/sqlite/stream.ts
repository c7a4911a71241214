/**
 * The stream in a SQLite file.
 *
 * States of a receipt: *queued* (in memory, its caller waits) → *writing* (in the open
 * transaction) → *durable* (committed; only now does the caller's promise resolve), or *refused*
 * (rolled back; the promise rejects). A crash loses only queued and writing receipts, and nobody
 * was told that these were taken.
 *
 * Receipts that arrive while others are being handled share one transaction, so the cost of the
 * sync to disk is per batch and not per request. Calls to the engine are synchronous; a
 * transaction therefore gives the thread back between slices of a few milliseconds.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { fail, messageOf } from "../../errors.ts";
import type { Position } from "../../pipeline/entry.ts";
import { Database } from "../../sqlite/database.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { reached } from "../../telemetry/milestones.ts";
import type {
  Appended,
  AppendedEntry,
  NewEntry,
  NewReceipt,
  PruneRequest,
  Stream,
} from "../stream.ts";
import {
  appendEntry,
  insertReceipt,
  readSequences,
  writeSequences,
  type ReceiptCounts,
  type Sequences,
} from "./append.ts";
import { pruneRows } from "./prune.ts";
import { STREAM_MIGRATIONS } from "./schema.ts";

/** How long one slice of a transaction may hold the thread, in milliseconds. */
const SLICE_MS = 4;
/** Entries one transaction takes at most, unless a single receipt has more. */
const BATCH_ENTRIES = 512;
/** The pipeline's thread checkpoints; this is the bound for when it cannot keep up (64 MiB). */
const AUTOCHECKPOINT_PAGES = 16_384;

interface Waiting {
  readonly receipt: NewReceipt;
  resolve(appended: Appended): void;
  reject(error: unknown): void;
}

/** Opens or creates the log. `onAppend` is told, after each commit, that there is more to read. */
export function openSqliteStream(path: string, onAppend: () => void = () => {}): Stream {
  return new SqliteStream(path, onAppend);
}

class SqliteStream implements Stream {
  readonly #database: Database;
  readonly #onAppend: () => void;
  #queue: Waiting[] = [];
  /** Waits its turn too: a transaction that gave the thread back must not meet another one. */
  #prunes: { request: PruneRequest; resolve(): void; reject(error: unknown): void }[] = [];
  #flushing: Promise<void> | null = null;
  #closed = false;
  #newest: Position;

  constructor(path: string, onAppend: () => void) {
    this.#database = new Database(path, { autocheckpoint: AUTOCHECKPOINT_PAGES });
    migrate(this.#database, STREAM_MIGRATIONS);
    this.#onAppend = onAppend;
    this.#newest = readSequences(this.#database).position as Position;
  }

  append(receipt: NewReceipt): Promise<Appended> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#queue.push({ receipt, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  prune(request: PruneRequest): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#prunes.push({ request, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  newest(): Position {
    return this.#newest;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
    this.#database.closeSettled();
  }

  async #flush(): Promise<void> {
    // One turn of patience lets the requests that are already here share the first commit.
    await nextTurn();
    while (this.#queue.length > 0 || this.#prunes.length > 0) {
      if (this.#queue.length > 0) await this.#writeBatch(this.#takeBatch());
      this.#pruneNext();
    }
    this.#flushing = null;
  }

  #pruneNext(): void {
    const next = this.#prunes.shift();
    if (!next) return;
    try {
      this.#database.transaction(() => pruneRows(this.#database, next.request));
      next.resolve();
    } catch (error) {
      next.reject(error);
    }
  }

  #takeBatch(): Waiting[] {
    let entries = 0;
    let count = 0;
    while (count < this.#queue.length && entries < BATCH_ENTRIES) {
      entries += 1 + (this.#queue[count]?.receipt.entries.length ?? 0);
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const appended = await this.#commit(batch);
      reached("append.committed");
      for (const [index, waiting] of batch.entries()) waiting.resolve(appended[index] as Appended);
      this.#onAppend();
    } catch (error) {
      await this.#writeOneByOne(batch, error);
    }
  }

  /** One receipt that cannot be stored must not take its neighbours with it. */
  async #writeOneByOne(batch: readonly Waiting[], error: unknown): Promise<void> {
    const [first, ...others] = batch;
    if (first && others.length === 0) return first.reject(refused(error));
    for (const waiting of batch) await this.#writeBatch([waiting]);
  }

  async #commit(batch: readonly Waiting[]): Promise<Appended[]> {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const slice = new Slice();
      const appended: Appended[] = [];
      const sequences = readSequences(this.#database);
      for (const { receipt } of batch) appended.push(await this.#write(receipt, sequences, slice));
      writeSequences(this.#database, sequences);
      this.#database.exec("COMMIT");
      for (const { entries } of appended) this.#noteNewest(entries);
      return appended;
    } catch (error) {
      this.#database.rollback();
      throw error;
    }
  }

  async #write(receipt: NewReceipt, sequences: Sequences, slice: Slice): Promise<Appended> {
    const id = (sequences.receipt += 1);
    const counts = { accepted: 0, duplicates: 0, quarantined: 0 };
    const entries: AppendedEntry[] = [];
    for (const entry of receipt.entries) {
      const appended = appendEntry(this.#database, receipt, sequences, entry);
      entries.push(appended);
      counts[outcomeOf(appended, entry)] += 1;
      if (slice.isOver()) await slice.next();
    }
    insertReceipt(this.#database, receipt, id, counts);
    return { receipt: id, entries };
  }

  #noteNewest(entries: readonly AppendedEntry[]): void {
    for (const { position } of entries) if (position > this.#newest) this.#newest = position;
  }
}

/** Measures how long the thread has been held, and gives it back. */
class Slice {
  #since = performance.now();

  isOver(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}

function outcomeOf({ duplicate }: AppendedEntry, { quarantine }: NewEntry): keyof ReceiptCounts {
  if (duplicate) return "duplicates";
  return quarantine ? "quarantined" : "accepted";
}

function closed(): Error {
  return fail("STORAGE_FAILED", {
    component: "stream",
    message: "the stream is closed",
    hint: "Tocsin is stopping; send it again in a moment.",
  });
}

function refused(cause: unknown): Error {
  return fail("STORAGE_FAILED", {
    component: "stream",
    message: `could not store the receipt: ${messageOf(cause)}`,
    hint: "Nothing of it was taken. Check the free space of the data folder, then send it again.",
    cause,
  });
}
