/** The two files of a data folder, opened for reading alone: nothing here can change or lock them. */
import { existsSync } from "node:fs";
import { fail } from "../errors.ts";
import { Database } from "../sqlite/database.ts";
import { schemaVersion } from "../sqlite/migrate.ts";
import { STORE_MIGRATIONS } from "../store/sqlite/schema.ts";
import { STREAM_MIGRATIONS } from "../stream/sqlite/schema.ts";

export interface LedgerPaths {
  readonly stream: string;
  readonly store: string;
}

/** Read-only connections to both files. */
export interface LedgerFiles {
  readonly stream: Database;
  readonly store: Database;
}

/**
 * Opens both files, whether a server has them open or not. Throws DATA_MISSING when there are none,
 * DATA_NEWER or DATA_INVALID when their schema is not the one this Tocsin reads.
 */
export function openFiles(paths: LedgerPaths): LedgerFiles {
  requireFiles(paths);
  const stream = openFile(paths.stream, STREAM_MIGRATIONS.length);
  try {
    return { stream, store: openFile(paths.store, STORE_MIGRATIONS.length) };
  } catch (error) {
    stream.close();
    throw error;
  }
}

function requireFiles(paths: LedgerPaths): void {
  const missing = [paths.stream, paths.store].find((path) => !existsSync(path));
  if (missing === undefined) return;
  throw fail("DATA_MISSING", {
    component: "data",
    message: `there is no ${missing}`,
    hint: "Start Tocsin once, or name the data folder with --data.",
  });
}

function openFile(path: string, known: number): Database {
  const database = new Database(path, { readOnly: true });
  try {
    requireVersion(path, schemaVersion(database), known);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function requireVersion(path: string, version: number, known: number): void {
  if (version === known) return;
  if (version > known) {
    throw fail("DATA_NEWER", {
      component: "data",
      message: `${path} has schema ${version}, and this Tocsin knows schemas up to ${known}`,
      hint: "Use the newer Tocsin that wrote it.",
    });
  }
  throw fail("DATA_INVALID", {
    component: "data",
    message: `${path} has schema ${version}, and this Tocsin reads schema ${known}`,
    hint: "Start Tocsin once: it brings the data to the newest schema.",
  });
}
