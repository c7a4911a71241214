/** The data folder as commands open it: beside a server that runs or on its own. */
import { existsSync, mkdirSync } from "node:fs";
import type { DataPaths } from "../app/paths.ts";
import type { StopValues } from "../case/stop-values.ts";
import { fail } from "../errors.ts";
import { openLedger, type Ledger } from "../ledger/ledger.ts";
import { Database } from "../sqlite/database.ts";
import { migrate } from "../sqlite/migrate.ts";
import { STORE_MIGRATIONS } from "../store/sqlite/schema.ts";

/** Throws DATA_MISSING when Tocsin has kept nothing in this folder yet. */
export function requireData(paths: DataPaths): void {
  if (existsSync(paths.store)) return;
  throw fail("DATA_MISSING", {
    component: "data",
    message: `there is no data in ${paths.folder}`,
    hint: "name the folder with --data or TOCSIN_DATA, or start Tocsin once",
  });
}

/**
 * Reads the ledger. Throws DATA_MISSING when there is none.
 * @param isStopValue what relates no cases; the built-in values unless told
 */
export async function withLedger<Result>(
  paths: DataPaths,
  now: () => number,
  work: (ledger: Ledger) => Promise<Result>,
  isStopValue?: StopValues,
): Promise<Result> {
  const ledger = openLedger(paths, now, isStopValue);
  try {
    return await work(ledger);
  } finally {
    ledger.close();
  }
}

/** Changes the store. Throws DATA_MISSING when there is none. */
export function changeStore<Result>(
  paths: DataPaths,
  work: (database: Database) => Result,
): Result {
  requireData(paths);
  return withStore(paths, work);
}

/** Changes the store, which is created when there is none. */
export function changeOrCreateStore<Result>(
  paths: DataPaths,
  work: (database: Database) => Result,
): Result {
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  return withStore(paths, work);
}

function withStore<Result>(paths: DataPaths, work: (database: Database) => Result): Result {
  const database = new Database(paths.store);
  try {
    migrate(database, STORE_MIGRATIONS);
    return work(database);
  } finally {
    database.close();
  }
}
