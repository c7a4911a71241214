/**
 * Finds the SQLite engine: `node:sqlite` where Node has it, else `@photostructure/sqlite`, which
 * has the same API and brings prebuilt binaries for Node 20.
 */
import { createRequire } from "node:module";
import type * as Photostructure from "@photostructure/sqlite";

export type DatabaseSync = Photostructure.DatabaseSyncInstance;
export type StatementSync = Photostructure.StatementSyncInstance;
type Engine = { readonly DatabaseSync: new (path: string, options?: object) => DatabaseSync };

/** The engine of this Node. The same module at every call. */
export function loadEngine(): Engine {
  return loadBuiltIn() ?? (createRequire(import.meta.url)("@photostructure/sqlite") as Engine);
}

/**
 * Node's own engine, undefined where it has none. Loading it makes Node warn that it is experimental,
 * in every command's output; that it works is what the tests are for.
 */
function loadBuiltIn(): Engine | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    // getBuiltinModule rather than require: it answers undefined instead of throwing on Node 20.
    return process.getBuiltinModule("node:sqlite") as Engine | undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
