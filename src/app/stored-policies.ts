/**
 * The configuration as it takes effect: the file's, and what was made by hand. The file alone must be
 * whole; what was made by hand stands before what the file says, because the first that matches
 * decides, and who makes something by hand wants it to take effect.
 */
import { existsSync } from "node:fs";
import { parseConfigDocument } from "../config/document.ts";
import type { Path, Problem } from "../config/problem.ts";
import { Database } from "../sqlite/database.ts";
import { POLICY_KINDS, type PolicySettings, type StoredPolicy } from "../store/policy.ts";
import { listPolicies } from "../store/sqlite/policies.ts";
import {
  defaultConfiguration,
  parseConfiguration,
  type ParseOptions,
  type ReadResult,
} from "./configuration.ts";
import { asList, asMap, type PlainMap } from "./entry-checks.ts";
import type { DataPaths } from "./paths.ts";

/** What of a stored policy makes it part of the configuration. */
export type PolicyEntry = Pick<StoredPolicy, "kind" | "name" | "settings">;

/**
 * Reads the file alone and then with what was made by hand. Problems of the file have their lines;
 * those of an object made by hand have its kind and name instead, and say how to be rid of it.
 * Warnings are the file's, and those about what was made by hand.
 */
export function parseWithPolicies(
  options: ParseOptions,
  stored: readonly PolicyEntry[],
): ReadResult {
  const alone = parseConfiguration(options);
  if (!alone.ok || stored.length === 0) return alone;
  const merged = parseMerged(options, stored, alone.configuration.data);
  const own = merged.problems.filter(isOfStored).map(withRemedy);
  if (merged.ok) return { ...merged, problems: [...own, ...alone.problems], text: options.text };
  const isTold = own.some(({ level }) => level === "error");
  return { ok: false, problems: isTold ? own : merged.problems };
}

/**
 * Reads the file together with what was made by hand. Places in the file are not those of its text.
 * @param folder the data folder, which the configuration of the first run names
 */
export function parseMerged(
  options: ParseOptions,
  stored: readonly PolicyEntry[],
  folder: string,
): ReadResult {
  const clashing = stored.filter((policy) => standsInFile(options.text, policy));
  if (clashing.length > 0) return { ok: false, problems: clashing.map(clashOf) };
  const text = withStoredPolicies(options.text, stored, folder);
  return parseConfiguration({ ...options, text, nameOf: (path) => nameAt(stored, path) });
}

/**
 * The text of the whole configuration: JSON, which is YAML. Texts that were made by hand are taken as
 * they are written: no reference in them is resolved, so that they can show no secret.
 */
export function withStoredPolicies(
  text: string,
  stored: readonly PolicyEntry[],
  folder: string,
): string {
  const file = asMap(parseConfigDocument(text).value);
  const whole = { ...namedDefaults(file, folder), ...file };
  const lists = POLICY_KINDS.map((kind) => {
    const made = ofKind(stored, kind).map(({ name, settings }) => ({ ...literal(settings), name }));
    return [kind, [...made, ...asList(whole[kind])]] as const;
  });
  const added = lists.filter(([, list]) => list.length > 0);
  return JSON.stringify({ ...whole, ...Object.fromEntries(added) });
}

/** Whether the file has an object of that kind and name. */
export function standsInFile(
  text: string,
  { kind, name }: Pick<PolicyEntry, "kind" | "name">,
): boolean {
  const file = asMap(parseConfigDocument(text).value);
  return asList(file[kind]).some((entry) => asMap(entry)["name"] === name);
}

/** Whether a problem is one of an object that was made by hand. */
export function isOfStored({ line }: Problem): boolean {
  return line === 0;
}

/** What was made by hand in a data folder; nothing where none is kept yet. */
export function readStoredPolicies({ store }: Pick<DataPaths, "store">): StoredPolicy[] {
  if (!existsSync(store)) return [];
  const database = new Database(store, { readOnly: true });
  try {
    // Older data has no such table until the program brings it to the newest schema.
    const known = database.get("SELECT 1 FROM sqlite_schema WHERE name = 'policies'");
    return known === undefined ? [] : listPolicies(database);
  } finally {
    database.close();
  }
}

/** A route made by hand does not take the first run's names away. */
function namedDefaults(file: PlainMap, folder: string): PlainMap {
  const isNamed = ["sources", "destinations", "routes"].some((key) => key in file);
  return isNamed ? {} : defaultConfiguration(folder);
}

function ofKind(stored: readonly PolicyEntry[], kind: string): PolicyEntry[] {
  return stored.filter((policy) => policy.kind === kind);
}

function nameAt(stored: readonly PolicyEntry[], [kind, index]: Path): string | undefined {
  const policy = ofKind(stored, String(kind))[Number(index)];
  return policy && nameOf(policy);
}

function nameOf({ kind, name }: Pick<PolicyEntry, "kind" | "name">): string {
  return `${kind} ${name}`;
}

function clashOf(policy: PolicyEntry): Problem {
  const message = "the configuration has one of this name, too";
  const hint = "rename the one in the configuration";
  return { level: "error", file: nameOf(policy), line: 0, column: 0, message, hint };
}

function withRemedy(problem: Problem): Problem {
  if (problem.level === "warning") return problem;
  return { ...problem, hint: `tocsin policy remove ${problem.file}` };
}

function literal(settings: PolicySettings): PlainMap {
  return JSON.parse(JSON.stringify(settings).replaceAll("${", () => "$${")) as PlainMap;
}
