/** `tocsin key` */
import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { nearest } from "../config/nearest.ts";
import { fail } from "../errors.ts";
import { newKeySchema, SCOPES, type KeyRecord, type Scope } from "../keys/key.ts";
import { createKey, listKeys, revokeKey } from "../keys/keys.ts";
import { collect, declare, declareGroup, durationOption } from "./command.ts";
import { contextOf } from "./context.ts";
import { changeOrCreateStore, changeStore } from "./data.ts";
import { usage } from "./failure.ts";
import type { Cli } from "./io.ts";
import { formatTable } from "./table.ts";
import { formatTime } from "./text.ts";

interface CreateOptions {
  readonly name: string;
  readonly scope: readonly string[];
  readonly source?: readonly string[];
  readonly expires?: number;
}

/** Adds `key create`, `key list` and `key revoke`. */
export function addKey(program: Command, cli: Cli): void {
  const group = declareGroup(program, "key", "Make, list and end API keys.");
  declare(group, "create", "Make a key. Its text is shown this once.", { 0: "made" })
    .requiredOption("--name <name>", "what the key is for")
    .requiredOption("--scope <scope>", `${SCOPES.join(", ")}; may be given several times`, collect)
    .option("--source <name>", "bind the scope ingest to this source; several times", collect)
    .option("--expires <duration>", "end it after this time, such as 90d", durationOption)
    .action((options: CreateOptions, command: Command) => create(options, command, cli));
  declare(group, "list", "List all keys, ended ones too.", { 0: "listed" }).action(
    (_options: unknown, command: Command) => list(command, cli),
  );
  declare(group, "revoke", "End a key at once.", {
    0: "ended",
    1: "there is no such key, or it had ended before",
  })
    .argument("<id>", "id of the key, or the key itself")
    .action((id: string, _options: unknown, command: Command) => revoke(id, command, cli));
}

function create(options: CreateOptions, command: Command, cli: Cli): void {
  const context = contextOf(command, cli);
  const wish = {
    name: options.name,
    scopes: options.scope.flatMap((text) => text.split(",")).map(readScope),
    sources: [...(options.source ?? [])],
    expiresAt: options.expires === undefined ? null : cli.now() + options.expires,
  };
  const [issue] = newKeySchema.safeParse(wish).error?.issues ?? [];
  if (issue)
    throw usage(`${issue.path.join(".")}: ${issue.message}`, "see tocsin key create --help");
  const made = changeOrCreateStore(context.data, (database) =>
    createKey(database, wish, randomBytes, cli.now()),
  );
  if (context.json) return context.printJson(made);
  context.print(
    made.key,
    `  id ${made.id}, scopes ${made.scopes.join(", ")}, sources ${made.sources.join(", ") || "all"}, ` +
      `expires ${made.expires_at === null ? "never" : formatTime(made.expires_at)}`,
    "  Keep it now: only its hash is stored.",
  );
}

function readScope(text: string): Scope {
  const scope = SCOPES.find((candidate) => candidate === text.trim());
  if (scope) return scope;
  const near = nearest(text, SCOPES);
  const hint = near === undefined ? `one of: ${SCOPES.join(", ")}` : `did you mean ${near}?`;
  throw usage(`there is no scope '${text}'`, hint);
}

function list(command: Command, cli: Cli): void {
  const context = contextOf(command, cli);
  const items = changeStore(context.data, listKeys);
  if (context.json) return context.printJson({ items });
  const header = ["ID", "STATE", "SCOPES", "SOURCES", "CREATED", "EXPIRES", "LAST USE", "NAME"];
  const rows = items.map((key) => [
    key.id,
    stateOf(key, cli.now()),
    key.scopes.join(","),
    key.sources.join(",") || "all",
    formatTime(key.created_at),
    formatTime(key.expires_at),
    formatTime(key.used_at),
    key.name,
  ]);
  context.print(...formatTable(header, rows, cli.columns));
}

function stateOf({ revoked_at, expires_at }: KeyRecord, now: number): string {
  if (revoked_at !== null) return "revoked";
  return expires_at !== null && Date.parse(expires_at) <= now ? "expired" : "active";
}

function revoke(given: string, command: Command, cli: Cli): void {
  const context = contextOf(command, cli);
  // Whoever has the key at hand need not look up its id.
  const id = /^tcs_([^_]+)_/.exec(given)?.[1] ?? given;
  if (!changeStore(context.data, (database) => revokeKey(database, id, cli.now()))) {
    throw fail("NOT_FOUND", {
      component: "key",
      message: `there is no active key ${id}`,
      hint: "tocsin key list shows all keys",
    });
  }
  if (context.json) return context.printJson({ id, revoked: true });
  context.print(`revoked ${id}`);
}
