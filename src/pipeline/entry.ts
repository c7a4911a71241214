/** One entry of the stream, as the pipeline reads it: an event, or an item put in quarantine. */

/** Place in the stream: 1, 2, 3 … It only grows and is never given twice. */
export type Position = number & { readonly __brand: "Position" };

interface EntryBase {
  readonly position: Position;
  readonly receipt: number;
  /** The source's name in the configuration, and its kind (the name may be gone by now). */
  readonly source: string;
  readonly kind: string;
  readonly stream: string;
  readonly key: string;
  /** Epoch milliseconds. */
  readonly received_at: number;
  readonly repaired: readonly string[];
  /** An event's document as JSON text, or the bytes that could not be understood. */
  readonly body: Uint8Array;
}

export interface EventEntry extends EntryBase {
  readonly quarantine: null;
}

export interface QuarantineEntry extends EntryBase {
  readonly quarantine: { readonly reason: string; readonly detail: string };
}

export type LogEntry = EventEntry | QuarantineEntry;
