/** What is checked of every list of the configuration. Nothing is assumed about any value. */
import type { Finding, Path } from "../config/problem.ts";
import { suggest } from "../config/nearest.ts";
import { messageOf, TocsinError } from "../errors.ts";
import { parseKql } from "../kql/index.ts";

export type PlainMap = Readonly<Record<string, unknown>>;

/** The value if it is a map, else an empty one. */
export function asMap(value: unknown): PlainMap {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMap ? (value as PlainMap) : {};
}

/** The value if it is a list, else an empty one. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** A map of a list, as far as it can be understood. */
export interface RawEntry {
  readonly path: Path;
  readonly raw: PlainMap;
  /** Empty when it has none. */
  readonly name: string;
  /** How problems call it: its name, or else its number. */
  readonly label: string;
}

/** The entries of the list `key`; `noun` is what one of them is called. */
export function readEntries(root: PlainMap, key: string, noun: string): RawEntry[] {
  return asList(root[key]).map((entry, index) => {
    const raw = asMap(entry);
    const name = typeof raw["name"] === "string" ? raw["name"] : "";
    const label = name === "" ? `${noun} ${index + 1}` : `${noun} \`${name}\``;
    return { path: [key, index], raw, name, label };
  });
}

/** Names that an entry above has already. */
export function checkNames(entries: readonly RawEntry[], noun: string): Finding[] {
  const seen = new Set<string>();
  return entries.flatMap(({ name, path }): Finding[] => {
    if (name === "") return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const message = `there is another ${noun} \`${name}\` above`;
    return [{ level: "error", path: [...path, "name"], message, hint: "rename one of them" }];
  });
}

/** What can be said of a KQL text before it is used; one that is missing matches everything. */
export interface ReadQuery {
  readonly matchesAll: boolean;
  readonly problem?: Finding;
}

export function readQuery(text: unknown, path: Path): ReadQuery {
  if (text === undefined) return { matchesAll: true };
  if (typeof text !== "string") return { matchesAll: false };
  try {
    return { matchesAll: parseKql(text).type === "all" };
  } catch (error) {
    return { matchesAll: false, problem: queryProblem(error, path) };
  }
}

/** What reading a KQL text threw, at its place. */
export function queryProblem(error: unknown, path: Path): Finding {
  const known = error instanceof TocsinError ? error : undefined;
  const offset = known?.data?.["position"];
  return {
    level: "error",
    path,
    offset: typeof offset === "number" ? offset : undefined,
    message: messageOf(error),
    hint: known?.hint,
  };
}

/** The problem of a KQL text, if it has one. */
export function checkQuery(text: unknown, path: Path): Finding[] {
  const { problem } = readQuery(text, path);
  return problem ? [problem] : [];
}

/** Destinations of a list that do not exist. */
export function checkDestinations(
  list: unknown,
  destinations: readonly string[],
  path: Path,
): Finding[] {
  return asList(list).flatMap((name, index): Finding[] => {
    if (typeof name !== "string" || destinations.includes(name)) return [];
    const hint = suggest(name, destinations, "destinations");
    const message = `unknown destination \`${name}\``;
    return [{ level: "error", path: [...path, index], message, hint }];
  });
}

/** Settings that do nothing as long as another is missing. */
export function checkIdle(
  { raw, path }: Pick<RawEntry, "raw" | "path">,
  keys: readonly string[],
  needed: string,
): Finding[] {
  if (needed in raw) return [];
  return keys
    .filter((key) => key in raw)
    .map((key) => ({
      level: "warning",
      path: [...path, key],
      at: "key",
      message: `\`${key}\` does nothing without \`${needed}\``,
      hint: `add \`${needed}\`, or remove it`,
    }));
}

/** Settings of which exactly one says what an entry is. */
export function checkOneOf(
  { raw, path, label }: RawEntry,
  [first, second]: readonly [string, string],
): Finding[] {
  const hint = `give it one of \`${first}\` and \`${second}\``;
  if (first in raw && second in raw) {
    const message = `${label} has both \`${first}\` and \`${second}\``;
    return [{ level: "error", path: [...path, second], at: "key", message, hint }];
  }
  if (first in raw || second in raw || Object.keys(raw).length === 0) return [];
  const message = `${label} has neither \`${first}\` nor \`${second}\``;
  return [{ level: "error", path, message, hint }];
}
