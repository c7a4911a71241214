import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../errors.ts";
import { loadEngine } from "./engine.ts";

/** A held lock. It also ends with the process, however that ends. */
export interface FolderLock {
  release(): void;
}

/**
 * Makes this process the only one that runs on a data folder. The lock is SQLite's own on a file
 * of its own: the operating system gives it back when the process dies, so there is no stale lock
 * to clean up after a kill -9.
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { DatabaseSync } = loadEngine();
  const connection = new DatabaseSync(join(folder, "tocsin.lock"));
  try {
    connection.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (cause) {
    connection.close();
    throw fail("DATA_LOCKED", {
      component: "data",
      message: `another Tocsin is running on the data folder ${folder}`,
      hint: "Stop it first, or give this one a folder of its own with --data.",
      cause,
    });
  }
  return { release: () => connection.close() };
}
