import { fail } from "../errors.ts";
import type { Database } from "./database.ts";

/**
 * Brings a file to the newest schema. `migrations[n]` takes it from version n to n+1; the list is
 * append-only. A file written by a newer Tocsin is refused: this one would not know what its
 * tables mean.
 */
export function migrate(database: Database, migrations: readonly string[]): void {
  const version = schemaVersion(database);
  if (version > migrations.length) {
    throw fail("DATA_NEWER", {
      component: "data",
      message: `${database.path} has schema ${version}, and this Tocsin knows schemas up to ${migrations.length}`,
      hint: "Run the newer Tocsin that wrote it, or restore a backup made before the upgrade.",
    });
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${index + 1}`);
    });
  }
}

/** The schema version of a file; 0 for an empty one. */
export function schemaVersion(database: Database): number {
  return database.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
}
