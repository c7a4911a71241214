/** How values stand in ECS documents. */
import { isIP } from "node:net";
import type { Json } from "./bound.ts";

/** Fields of the type `ip` take nothing else: a document with another value is refused as a whole. */
export function isAddress(text: string): boolean {
  return isIP(text) > 0 && !text.includes("%");
}

export function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** One value by itself, as most documents have it; several as a list. */
export function few(values: readonly string[]): Json {
  return values.length === 1 ? values[0] : values;
}

/** Without null, and without what holds nothing; undefined when nothing is left. */
export function compact(value: Json): Json {
  if (value === null) return undefined;
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(compact);
  const members = Object.entries(value)
    .map(([name, each]) => [name, compact(each)] as const)
    .filter(([, each]) => each !== undefined);
  return members.length === 0 ? undefined : (Object.fromEntries(members) as Json);
}
