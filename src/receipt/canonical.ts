import { isJsonObject } from "./json.ts";
import type { JsonValue } from "./json.ts";

/**
 * JSON text of a value with the members of every object in code-unit order, so that two documents
 * that say the same have the same text and the same hash. Recursion is as deep as the value:
 * give it values within the depth limit of a receipt.
 */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`);
  return `{${members.join(",")}}`;
}
