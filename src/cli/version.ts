/** `tocsin version` */
import type { Command } from "commander";
import { loadEngine } from "../sqlite/engine.ts";
import { STORE_MIGRATIONS } from "../store/sqlite/schema.ts";
import { STREAM_MIGRATIONS } from "../stream/sqlite/schema.ts";
import { declare } from "./command.ts";
import { contextOf } from "./context.ts";
import type { Cli } from "./io.ts";
import { packageVersion } from "./package.ts";

/** Adds `version`. */
export function addVersion(program: Command, cli: Cli): void {
  declare(program, "version", "Print the versions of Tocsin and of what it runs on.", {
    0: "printed",
  }).action((_options: unknown, command: Command) => {
    const context = contextOf(command, cli);
    const versions = readVersions();
    if (context.json) return context.printJson(versions);
    const { schema, sqlite, ...rest } = versions;
    context.print(
      `tocsin ${rest.tocsin}`,
      `node ${rest.node}`,
      `sqlite ${sqlite.version} (${sqlite.engine})`,
      `schema stream ${schema.stream}, store ${schema.store}`,
    );
  });
}

function readVersions() {
  const { DatabaseSync } = loadEngine();
  const database = new DatabaseSync(":memory:");
  const row = database.prepare("SELECT sqlite_version() AS version").get() as { version: string };
  database.close();
  const isBuiltIn = process.getBuiltinModule("node:sqlite") !== undefined;
  return {
    tocsin: packageVersion(),
    node: process.version,
    sqlite: { version: row.version, engine: isBuiltIn ? "node:sqlite" : "@photostructure/sqlite" },
    schema: { stream: STREAM_MIGRATIONS.length, store: STORE_MIGRATIONS.length },
  };
}
