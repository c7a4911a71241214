/**
 * The stream in a SQLite file.
 *
 * States of a receipt: *queued* (in memory, its caller waits) → *writing* (in the open
 * transaction) → *durable* (committed; only now does the caller's promise resolve), or *refused*
 * (rolled back; the promise rejects). A crash loses only queued and writing receipts, and nobody
 * was told that these were taken.
 *
 * A cursor goes through the same queue, so it is never durable before the receipts that were asked
 * for before it. When one of its source is refused, the cursors that were asked for behind it, until
 * the caller knew, are refused too.
 */
import type { Position } from "../../pipeline/entry.ts";
import { Database } from "../../sqlite/database.ts";
import { migrate } from "../../sqlite/migrate.ts";
import type { Appended, NewReceipt, PruneRequest, StoredCursor, Stream } from "../stream.ts";
import { readSequences } from "./append.ts";
import { readCursor } from "./cursors.ts";
import { closed } from "./failures.ts";
import { Progress } from "./progress.ts";
import { pruneRows } from "./prune.ts";
import { WriteQueue } from "./queue.ts";
import { STREAM_MIGRATIONS } from "./schema.ts";
import { knownAmong } from "./seen.ts";
import { AppendWork, CursorWork, type Log } from "./works.ts";

/** Keys looked up in one turn: about a millisecond. */
const KEYS_AT_ONCE = 256;
/** The pipeline's thread checkpoints; this is the bound for when it cannot keep up (64 MiB). */
const AUTOCHECKPOINT_PAGES = 16_384;

/** Opens or creates the log. `onAppend` is told, after each commit, that there may be more to read. */
export function openSqliteStream(path: string, onAppend: () => void = () => {}): Stream {
  return new SqliteStream(path, onAppend);
}

class SqliteStream implements Stream {
  readonly #log: Log;
  readonly #queue: WriteQueue;
  #closed = false;

  constructor(path: string, onAppend: () => void) {
    const database = new Database(path, { autocheckpoint: AUTOCHECKPOINT_PAGES });
    migrate(database, STREAM_MIGRATIONS);
    const progress = new Progress(readSequences(database).position as Position);
    this.#log = { database, progress };
    this.#queue = new WriteQueue(database, onAppend);
  }

  append(receipt: NewReceipt): Promise<Appended> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#queue.add(new AppendWork(this.#log, receipt, { resolve, reject }));
    });
  }

  newest(): Position {
    return this.#log.progress.newest;
  }

  cursor(source: string): Promise<StoredCursor | null> {
    return this.#runBetween((database) => readCursor(database, source));
  }

  setCursor(source: string, cursor: StoredCursor): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#queue.add(new CursorWork(this.#log, source, cursor, { resolve, reject }));
    });
  }

  async known(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const known = new Set<string>();
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const some = keys.slice(from, from + KEYS_AT_ONCE);
      const found = await this.#runBetween((database) => knownAmong(database, some));
      for (const key of found) known.add(key);
    }
    return known;
  }

  prune(request: PruneRequest): Promise<void> {
    return this.#runBetween((database) => database.transaction(() => pruneRows(database, request)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue.idle();
    this.#log.database.closeSettled();
  }

  #runBetween<Result>(work: (database: Database) => Result): Promise<Result> {
    if (this.#closed) return Promise.reject(closed());
    return this.#queue.between(() => work(this.#log.database));
  }
}
