/**
 * The stream: the durable, ordered log between the edge and the pipeline.
 *
 * Terms. A *receipt* is one request body or one page of a poll; it brings *entries*, each an event
 * or an item for quarantine, each with a *key*. A key that the stream has seen adds no entry, only
 * to a counter.
 *
 * Guarantees, which `conformance.ts` proves of every driver:
 * - `append` resolves only when the receipt and all its entries are durable; when it rejects, none
 *   of them is in the stream.
 * - Positions grow in the order of appending and are never reused.
 * - A cursor that was stored is never newer than what was appended before it.
 * - A reader gets every entry once, in order, from where it was opened; entries read but not
 *   acknowledged come again when a reader is opened at the same place.
 */
import type { LogEntry, Position } from "../pipeline/entry.ts";

export interface NewEntry {
  readonly stream: string;
  readonly key: string;
  /** For keys that are hashes: within this many ms of its first sight the key is a repeat. */
  readonly window: number | null;
  /**
   * A state of what the key names. Where the key is known, the entry's key is `key@version`, and it is
   * a repeat when that is known too. The first entry of a key makes both known.
   */
  readonly version?: string | null;
  readonly repaired: readonly string[];
  readonly body: Uint8Array;
  readonly quarantine: { readonly reason: string; readonly detail: string } | null;
  /** The entry that this one takes the place of (a replay from quarantine): its key is free for it. */
  readonly replaces?: Position | undefined;
}

export interface NewReceipt {
  readonly source: string;
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly received_at: number;
  /** How the sender authenticated: a key's id, `header`, `token`, `none`. */
  readonly via: string;
  readonly entries: readonly NewEntry[];
  /** Why there is no entry, when there is none. */
  readonly empty: string | null;
  /** Headers (secrets removed) and bytes as they came; kept where reading needed more than parsing. */
  readonly original: {
    readonly headers: Readonly<Record<string, string>>;
    /** Null when the only entry has the same bytes. */
    readonly body: Uint8Array | null;
  } | null;
}

/** What became of one entry of a receipt. */
export interface AppendedEntry {
  /** Of the entry itself, or of the one that has had the key since before. */
  readonly position: Position;
  readonly key: string;
  readonly received_at: number;
  readonly duplicate: boolean;
}

export interface Appended {
  readonly receipt: number;
  readonly entries: readonly AppendedEntry[];
}

/** How far a source that is read has come. */
export interface StoredCursor {
  /** Only the source's feed can read it. */
  readonly cursor: string;
  /** Epoch milliseconds: what was made before is read. */
  readonly readTo: number;
  /** When it was stored: epoch milliseconds. */
  readonly at: number;
}

/** What retention gives up: entries to lose their bytes, and entries to go altogether. */
export interface PruneRequest {
  readonly bodies: readonly number[];
  readonly entries: readonly number[];
  /** Receipts older than this that have no entry left go too; epoch milliseconds. */
  readonly receiptsBefore: number;
}

export interface Stream {
  /** Rejects with STORAGE_FAILED when nothing could be stored. */
  append(receipt: NewReceipt): Promise<Appended>;
  /** Position of the newest entry; 0 when there is none. */
  newest(): Position;
  /** The cursor of a source; null before its first. */
  cursor(source: string): Promise<StoredCursor | null>;
  /** Stores a source's cursor. Resolves when it is durable, and never before what was appended is. */
  setCursor(source: string, cursor: StoredCursor): Promise<void>;
  /** Those of the keys that the stream has. */
  known(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** Removes what retention gives up. Doing it again changes nothing. */
  prune(request: PruneRequest): Promise<void>;
  /** Refuses new work, and resolves when what was asked for before is done. */
  close(): Promise<void>;
}

export interface StreamReader {
  /** The next entries after those this reader has given, at most `limit`; empty when none is there. */
  read(limit: number): Promise<readonly LogEntry[]>;
  /**
   * Documents of the events at these positions. What is not JSON, or was taken by retention, is left
   * out.
   */
  documents(positions: readonly number[]): ReadonlyMap<number, Readonly<Record<string, unknown>>>;
  /** Tells the stream that these entries are decided and committed. */
  acknowledge(entries: readonly LogEntry[]): Promise<void>;
  close(): Promise<void>;
}
