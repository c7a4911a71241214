/** What decisions remember, and when they want to be asked again: one statement a function. */
import type { Position } from "../../pipeline/entry.ts";
import type { Cell, CellName, CellStage, CellWrite, DueCell } from "../../pipeline/state.ts";
import type { Database } from "../../sqlite/database.ts";

interface CellRow extends CellName {
  readonly alert: Position | null;
  readonly value: string | null;
  readonly due_at: number | null;
  readonly at: number;
}

const COLUMNS = "stage, key, alert, value, due_at, at";

/** A cell by its name. */
export function findCell(database: Database, { stage, key }: CellName): Cell | undefined {
  const row = database.get<CellRow>(
    `SELECT ${COLUMNS} FROM decision_state WHERE stage = ? AND key = ?`,
    stage,
    key,
  );
  return row && toCell(row);
}

/** Timers that are due at or before a time, the earliest first; at one time by stage and key. */
export function listDueCells(database: Database, before: number, limit: number): DueCell[] {
  return database
    .all<CellRow & { due_at: number }>(
      `SELECT ${COLUMNS} FROM decision_state INDEXED BY decision_state_due
       WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at, stage, key LIMIT ?`,
      before,
      limit,
    )
    .map((row) => ({ ...toCell(row), due_at: row.due_at }));
}

/** When the next timer is due; null when none is set. */
export function findNextTimer(database: Database): number | null {
  const row = database.get<{ due_at: number }>(
    `SELECT due_at FROM decision_state INDEXED BY decision_state_due
     WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1`,
  );
  return row?.due_at ?? null;
}

/** Writes a cell, or removes it. Part of a transaction that raises the state's version. */
export function writeCell(database: Database, write: CellWrite): void {
  if ("remove" in write) removeCell(database, write.remove);
  else saveCell(database, write.cell);
}

function saveCell(database: Database, cell: Cell): void {
  database.run(
    `INSERT INTO decision_state (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (stage, key) DO UPDATE SET alert = excluded.alert, value = excluded.value,
       due_at = excluded.due_at, at = excluded.at`,
    cell.stage,
    cell.key,
    cell.alert,
    JSON.stringify(cell.value),
    cell.due_at,
    cell.at,
  );
}

function removeCell(database: Database, { stage, key }: CellName): void {
  database.run("DELETE FROM decision_state WHERE stage = ? AND key = ?", stage, key);
}

function toCell(row: CellRow): Cell<CellStage> {
  // Subjects were stored without a value once.
  const value = row.value === null ? {} : (JSON.parse(row.value) as Cell["value"]);
  return { ...row, value };
}
