/** `tocsin policy` */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Argument, type Command } from "commander";
import { configurationError } from "../app/configuration.ts";
import { applyChange } from "../app/changes/change.ts";
import { asMap } from "../app/entry-checks.ts";
import { parseConfigDocument } from "../config/document.ts";
import { fail, messageOf } from "../errors.ts";
import { toPolicy, type Policy } from "../ledger/policies.ts";
import { POLICY_KINDS, type PolicyKind, type PolicySettings } from "../store/policy.ts";
import { declare, declareGroup, declareList } from "./command.ts";
import { contextOf } from "./context.ts";
import { changeStore, withLedger } from "./data.ts";
import type { Cli } from "./io.ts";
import { formatTable } from "./table.ts";
import { formatTime, formatValue } from "./text.ts";
import { addWho, byOf, type WhoOptions } from "./who.ts";

interface SetOptions extends WhoOptions {
  readonly file: string;
}

/** Adds `policy list`, `show`, `set` and `remove`. */
export function addPolicy(program: Command, cli: Cli): void {
  const summary = "Policies and routes made by hand, beside those of the configuration.";
  const group = declareGroup(program, "policy", summary);
  addReads(group, cli);
  addChanges(group, cli);
}

function addReads(group: Command, cli: Cli): void {
  declareList(group, "List policies and routes in the order in which they are asked.").action(
    (_options: unknown, command: Command) => list(command, cli),
  );
  const exits = { 0: "shown", 1: "there is none of that kind and name" };
  addNames(declare(group, "show", "Show the settings of a policy or route.", exits)).action(
    (kind: PolicyKind, name: string, _options: unknown, command: Command) =>
      show(kind, name, command, cli),
  );
}

function addChanges(group: Command, cli: Cli): void {
  const setting = declare(
    group,
    "set",
    "Make a policy or route, or change one made by hand. A running server decides with it in a second.",
    { 0: "made", 1: "it stands in the configuration" },
  );
  addWho(addNames(setting))
    .requiredOption("--file <file>", "its settings, as YAML without the name; - for standard input")
    .action((kind: PolicyKind, name: string, options: SetOptions, command: Command) =>
      set(kind, name, options, command, cli),
    );
  const removing = declare(group, "remove", "Remove a policy or route that was made by hand.", {
    0: "removed",
    1: "there is none of that kind and name, or it stands in the configuration",
  });
  addWho(addNames(removing)).action(
    (kind: PolicyKind, name: string, options: WhoOptions, command: Command) =>
      remove(kind, name, options, command, cli),
  );
}

function addNames(command: Command): Command {
  return command
    .addArgument(new Argument("<kind>", "list of the configuration").choices(POLICY_KINDS))
    .argument("<name>", "its name");
}

async function list(command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const found = await withLedger(context.data, cli.now, (ledger) => ledger.listPolicies());
  if (context.json) return context.printJson(found);
  const rows = found.items.map(({ kind, name, origin, author, settings }) => {
    return [kind, name, origin, author ?? "-", formatValue(settings)];
  });
  context.print(...formatTable(["KIND", "NAME", "ORIGIN", "BY", "SETTINGS"], rows, cli.columns));
}

async function show(kind: PolicyKind, name: string, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const found = await withLedger(context.data, cli.now, (ledger) => ledger.getPolicy(kind, name));
  if (context.json) return context.printJson(found);
  context.print(...describePolicy(found));
}

function describePolicy({ kind, name, origin, settings, author, updated_at }: Policy): string[] {
  const by =
    origin === "file"
      ? "stands in the configuration"
      : `made by hand, by ${formatValue(author)}, ${formatTime(updated_at)}`;
  const lines = Object.entries(settings).map(([key, value]) => {
    return `  ${formatValue(key)}: ${formatValue(JSON.stringify(value))}`;
  });
  return [`${kind} ${name}  ${by}`, ...lines];
}

async function set(
  kind: PolicyKind,
  name: string,
  { file, ...who }: SetOptions,
  command: Command,
  cli: Cli,
): Promise<void> {
  const context = contextOf(command, cli);
  const settings = readSettings(await readText(file, cli), file);
  const saved = changeStore(context.data, (database) =>
    applyChange(database, "policy.save", { kind, name, settings }, byOf(who, cli)),
  );
  if (context.json) return context.printJson(toPolicy(saved));
  context.print(...describePolicy(toPolicy(saved)));
}

async function remove(
  kind: PolicyKind,
  name: string,
  options: WhoOptions,
  command: Command,
  cli: Cli,
): Promise<void> {
  const context = contextOf(command, cli);
  changeStore(context.data, (database) =>
    applyChange(database, "policy.remove", { kind, name }, byOf(options, cli)),
  );
  if (context.json) return context.printJson({ removed: { kind, name } });
  context.print(`removed ${kind} ${name}`);
}

async function readText(file: string, cli: Cli): Promise<string> {
  if (file === "-") return Buffer.from(await cli.readStdin()).toString();
  try {
    return readFileSync(resolve(cli.cwd, file), "utf8");
  } catch (error) {
    const message = `${file} cannot be read: ${messageOf(error)}`;
    const hint = "name a file that is there, or - for standard input";
    throw fail("CONFIG_NOT_FOUND", { component: "policy", message, hint });
  }
}

function readSettings(text: string, file: string): PolicySettings {
  const { value, remarks } = parseConfigDocument(text);
  const errors = remarks.filter(({ level }) => level === "error");
  if (errors.length > 0) {
    throw configurationError(errors.map((remark) => ({ ...remark, file })));
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return asMap(value);
  const message = `${file} holds no settings`;
  throw fail("REQUEST_INVALID", {
    component: "policy",
    message,
    hint: "Write `key: value` lines.",
  });
}
