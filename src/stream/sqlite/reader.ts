/** Reads the log over a connection of its own, so that the writer never waits for a reader. */
import type { LogEntry, Position } from "../../pipeline/entry.ts";
import { Database } from "../../sqlite/database.ts";
import type { StreamReader } from "../stream.ts";

interface EntryRow {
  readonly position: Position;
  readonly receipt: number;
  readonly source: string;
  readonly kind: string;
  readonly stream: string;
  readonly key: string;
  readonly received_at: number;
  readonly repaired: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly body: Uint8Array | null;
}

const COLUMNS =
  "position, receipt, source, kind, stream, key, received_at, repaired, reason, detail, body";

/** Opens the log for reading from after `position`. The file must exist. */
export function openSqliteReader(path: string, position: Position): StreamReader {
  const database = new Database(path, { readOnly: true });
  let after = position;
  return {
    read(limit) {
      const entries = readEntries(database, after, limit);
      after = entries.at(-1)?.position ?? after;
      return Promise.resolve(entries);
    },
    documents: (positions) => readDocuments(database, positions),
    // The store keeps the cursor in the transaction of what was decided; the file needs no other.
    acknowledge: () => Promise.resolve(),
    close: () => Promise.resolve(database.close()),
  };
}

/** At most `limit` entries after a position, in order. */
function readEntries(database: Database, after: Position, limit: number): LogEntry[] {
  return database
    .all<EntryRow>(
      `SELECT ${COLUMNS} FROM entries WHERE position > ? ORDER BY position LIMIT ?`,
      after,
      limit,
    )
    .map(toEntry);
}

function readDocuments(
  database: Database,
  positions: readonly number[],
): ReturnType<StreamReader["documents"]> {
  const documents = new Map<number, Readonly<Record<string, unknown>>>();
  for (const position of positions) {
    const entry = readEntry(database, position as Position);
    const document = entry && documentOf(entry);
    if (document) documents.set(position, document);
  }
  return documents;
}

function documentOf({ body }: LogEntry): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    const isMap = typeof value === "object" && value !== null;
    return isMap ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** One entry; undefined when there is none, or none any more. */
export function readEntry(database: Database, position: Position): LogEntry | undefined {
  const sql = `SELECT ${COLUMNS} FROM entries WHERE position = ?`;
  const row = database.get<EntryRow>(sql, position);
  return row && toEntry(row);
}

function toEntry(row: EntryRow): LogEntry {
  const { repaired, reason, detail, body, ...rest } = row;
  const base = {
    ...rest,
    repaired: repaired === null ? [] : (JSON.parse(repaired) as string[]),
    body: body ?? new Uint8Array(),
  };
  if (reason === null) return { ...base, quarantine: null };
  return { ...base, quarantine: { reason, detail: detail ?? "" } };
}
