/** The smallest role that suffices for what the sources of a cluster do. */
import type { WantedPrivileges } from "../elastic/cluster/cluster.ts";
import type { JsonValue } from "../receipt/json.ts";
import type { Reader } from "./reader.ts";

/** Only the doctor needs it: for version and licence. */
const CLUSTER_PRIVILEGES = ["monitor"];

/** What Kibana needs on its alerts when it sets their status in the name of whoever asks. */
const WRITE_BACK_PRIVILEGES = ["write", "maintenance", "view_index_metadata"];

/** One source, and the indices behind its aliases as far as they are known. */
export interface ReaderIndices {
  readonly reader: Reader;
  /** Names of indices that were found behind what is asked for. */
  readonly behind: readonly string[];
}

export type WantedIndices = WantedPrivileges["indices"][number];

/** The privileges that all sources need together. */
export function wantedRole(readers: readonly ReaderIndices[], write: boolean): WantedPrivileges {
  const byNames = new Map<string, WantedIndices>();
  for (const { names, privileges } of readers.map((each) => wantedOf(each, write))) {
    const before = byNames.get(names.join())?.privileges ?? [];
    byNames.set(names.join(), { names, privileges: [...new Set([...before, ...privileges])] });
  }
  return { cluster: CLUSTER_PRIVILEGES, indices: [...byNames.values()] };
}

/**
 * What one source needs. A point in time is read by the names of the indices, also when it was opened
 * by that of an alias, so both are named.
 */
export function wantedOf(each: ReaderIndices, write: boolean): WantedIndices {
  return { names: roleNames(each), privileges: privilegesOf(each.reader, write) };
}

function privilegesOf({ reads, deletes, writesBack }: Reader, write: boolean): string[] {
  return [
    "read",
    ...(deletes ? ["delete"] : []),
    ...(write && reads === "actions" ? ["create_doc"] : []),
    ...(writesBack ? WRITE_BACK_PRIVILEGES : []),
  ];
}

function roleNames({ reader, behind }: ReaderIndices): string[] {
  const patterns = [...reader.indices.flatMap(knownBehind), ...behind.map(successors)];
  const names = [...reader.indices, ...patterns.filter((name) => !isCovered(name, reader.indices))];
  return [...new Set(names)];
}

/**
 * What Kibana keeps alerts in, behind the aliases that it names: `.internal` before, a number after;
 * before version 8 only the number.
 */
function knownBehind(name: string): string[] {
  if (/^\.alerts-[^*]+\.alerts-[^*]+$/.test(name)) return [`.internal${name}-*`];
  return /^\.siem-signals-[^*]+$/.test(name) ? [`${name}-*`] : [];
}

/** The pattern of an index with all that will follow it: its number changes as it rolls over. */
function successors(index: string): string {
  return index.replace(/-\d{6}$/, "-*");
}

/** Backing indices come with their data stream. */
function isCovered(name: string, asked: readonly string[]): boolean {
  return name.startsWith(".ds-") || asked.some((pattern) => patternOf(pattern).test(name));
}

function patternOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

/** The role as the body of `PUT /_security/role/…`. */
export function writeRole({ cluster, indices }: WantedPrivileges): string {
  const list = indices.map(({ names, privileges }) => ({
    names: [...names],
    privileges: [...privileges],
  }));
  return writeJson({ cluster: [...cluster], indices: list }, "", "");
}

const LINE = 100;

/** JSON in which what fits stands on one line, but for the whole. */
function writeJson(value: JsonValue, label: string, margin: string): string {
  const inline = writeInline(value);
  const fits = margin.length + label.length + inline.length < LINE;
  if (typeof value !== "object" || value === null || (fits && margin !== ""))
    return `${label}${inline}`;
  const inner = `${margin}  `;
  const isList = Array.isArray(value);
  const parts = Object.entries(value).map(
    ([key, each]) => `${inner}${writeJson(each, isList ? "" : `${JSON.stringify(key)}: `, inner)}`,
  );
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  return `${label}${open}\n${parts.join(",\n")}\n${margin}${close}`;
}

function writeInline(value: JsonValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeInline).join(", ")}]`;
  const members = Object.entries(value).map(
    ([key, each]) => `${JSON.stringify(key)}: ${writeInline(each)}`,
  );
  return `{ ${members.join(", ")} }`;
}
