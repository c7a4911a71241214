/**
 * What the stream writes: receipts, and the cursors of sources. Classes, for every receipt makes one,
 * and functions made anew for each were measured to cost more.
 */
import type { Database } from "../../sqlite/database.ts";
import type { Appended, AppendedEntry, NewEntry, NewReceipt, StoredCursor } from "../stream.ts";
import { appendEntry, insertReceipt, type ReceiptCounts, type Sequences } from "./append.ts";
import { writeCursor } from "./cursors.ts";
import { behindRefused, cursorRefused, refused } from "./failures.ts";
import type { Progress } from "./progress.ts";
import type { Work } from "./queue.ts";
import type { Slice } from "./slice.ts";

/** Who waits for a work. */
interface Waiting<Result> {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Where it is written. */
export interface Log {
  readonly database: Database;
  readonly progress: Progress;
}

export class AppendWork implements Work<Appended> {
  readonly entries: number;
  readonly #log: Log;
  readonly #receipt: NewReceipt;
  readonly #waiting: Waiting<Appended>;

  constructor(log: Log, receipt: NewReceipt, waiting: Waiting<Appended>) {
    this.entries = receipt.entries.length;
    this.#log = log;
    this.#receipt = receipt;
    this.#waiting = waiting;
  }

  async write(sequences: Sequences, slice: Slice): Promise<Appended> {
    const { database } = this.#log;
    const receipt = this.#receipt;
    const id = (sequences.receipt += 1);
    const counts = { accepted: 0, duplicates: 0, quarantined: 0 };
    const entries: AppendedEntry[] = [];
    for (const entry of receipt.entries) {
      const appended = appendEntry(database, receipt, sequences, entry);
      entries.push(appended);
      counts[outcomeOf(appended, entry)] += 1;
      if (slice.isOver()) await slice.next();
    }
    insertReceipt(database, receipt, id, counts);
    return { receipt: id, entries };
  }

  resolve(appended: Appended): void {
    this.#log.progress.noteAppended(appended.entries);
    this.#waiting.resolve(appended);
  }

  reject(cause: unknown): void {
    this.#log.progress.noteRefusal(this.#receipt.source);
    this.#waiting.reject(refused(cause));
  }
}

export class CursorWork implements Work<void> {
  readonly entries = 0;
  readonly #log: Log;
  readonly #number: number;
  readonly #source: string;
  readonly #cursor: StoredCursor;
  readonly #waiting: Waiting<void>;

  constructor(log: Log, source: string, cursor: StoredCursor, waiting: Waiting<void>) {
    this.#log = log;
    this.#number = log.progress.countCursor();
    this.#source = source;
    this.#cursor = cursor;
    this.#waiting = waiting;
  }

  async write(): Promise<void> {
    const { database, progress } = this.#log;
    if (progress.isBehindRefusal(this.#source, this.#number)) throw behindRefused();
    writeCursor(database, this.#source, this.#cursor);
  }

  resolve(): void {
    this.#waiting.resolve();
  }

  reject(cause: unknown): void {
    this.#waiting.reject(cursorRefused(this.#source, cause));
  }
}

function outcomeOf({ duplicate }: AppendedEntry, { quarantine }: NewEntry): keyof ReceiptCounts {
  if (duplicate) return "duplicates";
  return quarantine ? "quarantined" : "accepted";
}
