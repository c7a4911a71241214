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
  // getBuiltinModule rather than require: it answers undefined instead of throwing on Node 20.
  const builtIn = process.getBuiltinModule("node:sqlite") as Engine | undefined;
  return builtIn ?? (createRequire(import.meta.url)("@photostructure/sqlite") as Engine);
}
