/** A log of its own for one rehearsal, in a folder that goes with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { LogEntry, Position } from "../pipeline/entry.ts";
import type { DocumentReader } from "../pipeline/runner.ts";
import { openSqliteReader } from "../stream/sqlite/reader.ts";
import { openSqliteStream } from "../stream/sqlite/stream.ts";
import type { Stream, StreamReader } from "../stream/stream.ts";

const BATCH = 500;

export interface TemporaryLog {
  readonly stream: Stream;
  /** Opens what was appended so far, from its beginning. */
  read(): LogReading;
  /** Ends what reads it and removes the folder with all that is in it. */
  close(): Promise<void>;
}

export interface LogReading {
  /** Every entry once, in order. */
  entries(): AsyncIterable<LogEntry>;
  readonly documents: DocumentReader;
  /** Position of the newest entry; 0 when there is none. */
  readonly newest: Position;
}

/** Opens an empty log in the folder for temporary files, which only its owner may look into. */
export function openTemporaryLog(): TemporaryLog {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-log-"));
  const path = join(folder, "stream.db");
  const stream = openSqliteStream(path);
  const readers: StreamReader[] = [];
  return {
    stream,
    read() {
      const reader = openSqliteReader(path, 0 as Position);
      readers.push(reader);
      return {
        entries: () => readEntries(reader),
        documents: (positions) => reader.documents(positions),
        newest: stream.newest(),
      };
    },
    async close() {
      try {
        for (const each of [...readers, stream]) await each.close();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

async function* readEntries(reader: StreamReader): AsyncGenerator<LogEntry> {
  for (let batch = await reader.read(BATCH); batch.length > 0; batch = await reader.read(BATCH)) {
    yield* batch;
    // Reading and deciding never wait for anything; without a turn no signal would be heard.
    await nextTurn();
  }
}
