import { join } from "node:path";

/** Where things are in a data folder. */
export interface DataPaths {
  readonly folder: string;
  /** Receipts, entries, seen keys. Written by the HTTP thread. */
  readonly stream: string;
  /** Decisions, deliveries, ledger. Written by the worker thread. */
  readonly store: string;
}

/** The files of a data folder. */
export function dataPaths(folder: string): DataPaths {
  return { folder, stream: join(folder, "stream.db"), store: join(folder, "store.db") };
}
