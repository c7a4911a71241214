/** How far each source that is read has come. */
import type { Database } from "../../sqlite/database.ts";
import type { StoredCursor } from "../stream.ts";

/** The cursor of a source; null before its first. */
export function readCursor(database: Database, source: string): StoredCursor | null {
  const sql = "SELECT cursor, read_to AS readTo, at FROM cursors WHERE source = ?";
  const row = database.get<StoredCursor>(sql, source);
  return row ? { ...row } : null;
}

/** Puts a cursor in the place of the one before, inside the caller's transaction. */
export function writeCursor(database: Database, source: string, stored: StoredCursor): void {
  database.run(
    `INSERT INTO cursors (source, cursor, read_to, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (source) DO UPDATE
     SET cursor = excluded.cursor, read_to = excluded.read_to, at = excluded.at`,
    source,
    stored.cursor,
    stored.readTo,
    stored.at,
  );
}
