/** Values of an alert's fields as keys: alerts with equal values have equal keys. */
import { createHash } from "node:crypto";
import type { KqlRecord } from "../kql/index.ts";
import { fold } from "../kql/text.ts";
import { cellKey } from "./state.ts";

/** Longest key that stands as it is; a longer one is replaced by its hash. */
const MAX_KEY = 200;

/** One value for each of several fields. */
export interface Combination {
  readonly key: string;
  /** By field, as written. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * The texts of a field, each once without regard to case, as first written. Blank texts are left
 * out, and U+0000 is removed, for it ends a text in SQLite.
 */
export function valuesOf(record: KqlRecord, field: string): readonly string[] {
  const found = new Map<string, string>();
  for (const value of record.values(field)) {
    const text = textOf(value);
    if (text.trim() !== "" && !found.has(fold(text))) found.set(fold(text), text);
  }
  return [...found.values()];
}

/**
 * All values of all fields as one key; null when no field has a value. Neither case (as in KQL) nor
 * the order of a field's values matters. Keys beyond 200 characters are a SHA-256 in hex.
 */
export function joinedKey(record: KqlRecord, fields: readonly string[]): string | null {
  const parts = fields.map((field) => valuesOf(record, field).map(fold).toSorted());
  if (parts.every((values) => values.length === 0)) return null;
  return bounded(cellKey(...parts.map((values) => cellKey(...values))));
}

/**
 * Every choice of one value for each field, in the order of the values, at most `most`; none when a
 * field has no value, and the one empty choice when there are no fields. Keys are made as by `joinedKey`.
 */
export function combinations(
  record: KqlRecord,
  fields: readonly string[],
  most = 16,
): readonly Combination[] {
  let choices: readonly (readonly string[])[] = [[]];
  for (const field of fields) {
    const values = valuesOf(record, field);
    choices = choices.flatMap((chosen) => values.map((value) => [...chosen, value]));
    choices = choices.slice(0, most);
  }
  return choices.map((chosen) => ({
    key: bounded(cellKey(...chosen.map((value) => cellKey(fold(value))))),
    values: Object.fromEntries(fields.map((field, index) => [field, chosen[index] ?? ""])),
  }));
}

function textOf(value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : String(value);
  // Half a surrogate pair would come back from a database as another text.
  return Buffer.from(text.replaceAll("\0", "")).toString();
}

function bounded(key: string): string {
  return key.length <= MAX_KEY ? key : createHash("sha256").update(key).digest("hex");
}
