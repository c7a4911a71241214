/** A store and a connection beside it, in a folder of their own, for tests of what people change. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../sqlite/database.ts";
import { openSqliteStore } from "../sqlite/store.ts";
import type { Store } from "../store.ts";

export interface StoreFolder {
  readonly store: Store;
  readonly database: Database;
  end(): Promise<void>;
}

export function makeStoreFolder(): StoreFolder {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-store-"));
  const path = join(folder, "store.db");
  const store = openSqliteStore(path);
  const database = new Database(path);
  return {
    store,
    database,
    async end() {
      database.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
