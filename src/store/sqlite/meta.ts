/**
 * Single values of the store.
 *
 * `state_version` is raised by everything that changes what decisions depend on: cells, alerts,
 * cases, silences, held deliveries. Who decides commits against the version that was read.
 */
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";

/** A value by its name. */
export function getMeta(database: Database, name: string): string | undefined {
  return database.get<{ value: string }>("SELECT value FROM meta WHERE name = ?", name)?.value;
}

/** Sets a value that decisions do not depend on. */
export function setMeta(database: Database, name: string, value: string): void {
  database.run(
    `INSERT INTO meta (name, value) VALUES (?1, ?2)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`,
    name,
    value,
  );
}

/** Removes a value that decisions do not depend on. */
export function deleteMeta(database: Database, name: string): void {
  database.run("DELETE FROM meta WHERE name = ?", name);
}

/** Position of the last entry that was decided; 0 at the beginning. */
export function getCursor(database: Database): Position {
  return Number(getMeta(database, "cursor") ?? "0") as Position;
}

/** The version that the state has now. */
export function readStateVersion(database: Database): number {
  return Number(getMeta(database, "state_version") ?? "0");
}

/** Versions of the state, and of the silences in it. */
export function readVersions(database: Database): { state: number; silences: number } {
  const rows = database.all<{ name: string; value: string }>(
    "SELECT name, value FROM meta WHERE name IN ('state_version', 'silences_version')",
  );
  const values = new Map(rows.map(({ name, value }) => [name, Number(value)]));
  return { state: values.get("state_version") ?? 0, silences: values.get("silences_version") ?? 0 };
}

/** Part of every transaction that changes the state otherwise than by `advance`. */
export function raiseStateVersion(database: Database): void {
  countUp(database, "state_version");
}

/** Says that silences were written, so that they are read and compiled anew. */
export function raiseSilencesVersion(database: Database): void {
  countUp(database, "silences_version");
}

/** Raises a number and answers it; the first is 1. */
export function countUp(database: Database, name: string): number {
  const row = database.get<{ value: string }>(
    `INSERT INTO meta (name, value) VALUES (?, '1')
     ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1 RETURNING value`,
    name,
  );
  return Number(row?.value);
}

/**
 * Raises the state's version and moves the cursor up to a position, never back. False, and nothing
 * changed, when the state is of another version. Part of the transaction that stores what was decided.
 */
export function advance(database: Database, version: number, position: number): boolean {
  const { changes } = database.run(
    `UPDATE meta SET value = CASE name
       WHEN 'cursor' THEN max(CAST(value AS INTEGER), CAST(?1 AS INTEGER))
       ELSE CAST(value AS INTEGER) + 1 END
     WHERE name IN ('cursor', 'state_version')
       AND (SELECT value FROM meta WHERE name = 'state_version') = ?2`,
    String(position),
    String(version),
  );
  return changes > 0;
}
