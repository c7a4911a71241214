/**
 * The configuration that ran last, kept in the data folder, so that a plan can say what another one
 * would change. As written: references stay references, and a secret that stands in the file itself
 * is left out.
 */
import { parseConfigDocument } from "../config/document.ts";
import type { Path } from "../config/problem.ts";
import { findSecrets } from "../config/walk.ts";
import { configurationSchema } from "./configuration-schema.ts";
import type { ParseOptions, ReadResult } from "./configuration.ts";
import type { Registries } from "./configured.ts";
import { parseWithPolicies, type PolicyEntry } from "./stored-policies.ts";

/** Stands for any secret and any reference that cannot be resolved; fits whatever wants a URL, too. */
const PLACEHOLDER = "https://secret.invalid/left-out";

/** Name of the value in the store. */
export const APPLIED_CONFIGURATION = "configuration";

/** The text to keep: JSON, which is YAML, without literal secrets. */
export function recordableConfiguration(text: string, registries: Registries): string {
  const { value } = parseConfigDocument(text);
  const copy: unknown = structuredClone(value ?? {});
  const schema = configurationSchema(registries.sources, registries.destinations);
  for (const path of findSecrets(schema, copy)) mask(copy, path);
  return JSON.stringify(copy);
}

function mask(tree: unknown, path: Path): void {
  const owner = path.slice(0, -1).reduce(memberOf, tree);
  const last = path.at(-1);
  if (typeof owner !== "object" || owner === null || last === undefined) return;
  const members = owner as Record<string, unknown>;
  const written = members[last];
  if (typeof written === "string" && !written.includes("${")) members[last] = PLACEHOLDER;
}

function memberOf(value: unknown, name: string | number): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/**
 * Reads a text that was kept. Secrets need not be there: nothing is sent with it, and clusters, which
 * only ever are asked, are left out.
 */
export function parseApplied(
  text: string,
  options: Omit<ParseOptions, "text">,
  stored: readonly PolicyEntry[] = [],
): ReadResult {
  return parseWithPolicies(appliedOptions(text, options), stored);
}

/** How a text that was kept is read, by itself or together with what was made by hand. */
export function appliedOptions(text: string, options: Omit<ParseOptions, "text">): ParseOptions {
  const { clusters: _, ...kept } = JSON.parse(text) as Record<string, unknown>;
  return {
    ...options,
    text: JSON.stringify(kept),
    resolver: () => ({ ok: true, value: PLACEHOLDER }),
  };
}
