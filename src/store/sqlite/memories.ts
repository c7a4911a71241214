/** What destinations asked to remember of a thread. */
import type { Database } from "../../sqlite/database.ts";

/** What the newest message of a thread asked to remember. */
export function findMemory(database: Database, destination: string, thread: string): string | null {
  const row = database.get<{ value: string }>(
    "SELECT value FROM memories WHERE destination = ? AND thread = ?",
    destination,
    thread,
  );
  return row?.value ?? null;
}

/** Remembers something for a thread. */
export function saveMemory(
  database: Database,
  destination: string,
  thread: string,
  value: string,
  at: number,
): void {
  database.run(
    `INSERT INTO memories (destination, thread, value, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (destination, thread) DO UPDATE SET value = excluded.value, at = excluded.at`,
    destination,
    thread,
    value,
    at,
  );
}
