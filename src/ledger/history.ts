/** The log of a span of time, for deciding it again. */
import type { LogEntry, Position } from "../pipeline/entry.ts";
import { openSqliteReader } from "../stream/sqlite/reader.ts";
import type { StreamReader } from "../stream/stream.ts";
import { DISORDER_MS, endsOf, firstFrom } from "./bisect.ts";
import { openFiles, type LedgerPaths } from "./files.ts";

/** Kinds of entries that Tocsin makes itself; deciding makes them anew. */
export const OWN_KINDS: readonly string[] = ["tocsin", "correlate"];
const BATCH = 500;

export interface HistoryWindow {
  /** Epoch milliseconds: received at or after, and before. */
  readonly since: number;
  readonly until: number;
}

export interface History {
  /** Events of the window, in the order of the log. */
  entries(): AsyncIterable<LogEntry>;
  documents: StreamReader["documents"];
  /** The newest position of the log; 0 when it is empty. */
  readonly newest: number;
  /** What was left out so far, and why. */
  readonly left: { readonly own: number; readonly quarantined: number; readonly pruned: number };
  close(): Promise<void>;
}

/** Opens the log of a window. Throws DATA_MISSING, DATA_NEWER or DATA_INVALID. */
export function openHistory(paths: LedgerPaths, window: HistoryWindow): History {
  const files = openFiles(paths);
  files.store.close();
  const ends = endsOf(files.stream, "entries");
  const first = ends && firstFrom(files.stream, "entries", window.since - DISORDER_MS, ends);
  files.stream.close();
  const reader = openSqliteReader(paths.stream, ((first ?? 1) - 1) as Position);
  const left = { own: 0, quarantined: 0, pruned: 0 };
  return {
    entries: () => readWindow(reader, window, left),
    documents: (positions) => reader.documents(positions),
    newest: ends?.high ?? 0,
    left,
    close: () => reader.close(),
  };
}

async function* readWindow(
  reader: StreamReader,
  { since, until }: HistoryWindow,
  left: { own: number; quarantined: number; pruned: number },
): AsyncIterable<LogEntry> {
  for (let batch = await reader.read(BATCH); batch.length > 0; batch = await reader.read(BATCH)) {
    for (const entry of batch) {
      if (entry.received_at >= until + DISORDER_MS) return;
      if (entry.received_at < since || entry.received_at >= until) continue;
      if (OWN_KINDS.includes(entry.kind)) left.own += 1;
      else if (entry.quarantine) left.quarantined += 1;
      else if (entry.body.byteLength === 0) left.pruned += 1;
      else yield entry;
    }
  }
}
