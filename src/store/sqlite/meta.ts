/** Single values of the store. */
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";

/** A value by its name. */
export function getMeta(database: Database, name: string): string | undefined {
  return database.get<{ value: string }>("SELECT value FROM meta WHERE name = ?", name)?.value;
}

/** Sets a value. */
export function setMeta(database: Database, name: string, value: string): void {
  database.run(
    "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    name,
    value,
  );
}

/** Position of the last entry that was decided; 0 at the beginning. */
export function getCursor(database: Database): Position {
  return Number(getMeta(database, "cursor") ?? "0") as Position;
}

/** Moves the cursor. Part of the transaction that stores the decisions up to there. */
export function setCursor(database: Database, position: Position): void {
  setMeta(database, "cursor", String(position));
}
