/** How far sources were read, from the files of the data folder. */
import type { DataPaths } from "../app/paths.ts";
import { openFiles } from "../ledger/files.ts";
import { readCursor } from "../stream/sqlite/cursors.ts";
import type { StoredCursor } from "../stream/stream.ts";

/**
 * The cursors of these sources, whether a server runs or not; those that were never read are left out.
 * Throws DATA_MISSING, DATA_NEWER or DATA_INVALID.
 */
export function readCursors(
  paths: DataPaths,
  names: readonly string[],
): ReadonlyMap<string, StoredCursor> {
  const { stream, store } = openFiles(paths);
  try {
    const cursors = names.map((name) => [name, readCursor(stream, name)] as const);
    return new Map(cursors.flatMap(([name, cursor]) => (cursor ? [[name, cursor]] : [])));
  } finally {
    stream.close();
    store.close();
  }
}
