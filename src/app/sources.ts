/** Finds the source that reads an entry of the stream. */
import { operatorSource, OPERATOR_SOURCE } from "../sources/tocsin/index.ts";
import type { SourceDefinition } from "../sources/source.ts";
import type { Configuration, SourceCommon } from "./configuration.ts";
import { registries } from "./registries.ts";

/** What is needed to read an entry. */
export interface EntrySource {
  readonly name: string;
  readonly kind: string;
  readonly definition: SourceDefinition;
  readonly config: unknown;
  readonly common: Pick<SourceCommon, "fields" | "tags">;
}

/**
 * The source of an entry. An entry may be older than the configuration: when its source is gone,
 * its kind with default settings still reads it, because what was accepted must be decided.
 */
export function sourceOfEntry(
  sources: Configuration["sources"],
  entry: { readonly source: string; readonly kind: string },
): EntrySource | undefined {
  if (entry.kind === OPERATOR_SOURCE) return OPERATORS;
  const known = sources.get(entry.source);
  if (known && known.kind === entry.kind) return known;
  const definition = registries.sources.find(({ kind }) => kind === entry.kind);
  const defaults = definition?.config.safeParse({});
  if (!definition || !defaults?.success) return undefined;
  const { source: name, kind } = entry;
  return { name, kind, definition, config: defaults.data, common: {} };
}

const OPERATORS: EntrySource = {
  name: OPERATOR_SOURCE,
  kind: OPERATOR_SOURCE,
  // The settings' type is that of an empty object; nothing reads them.
  definition: operatorSource as SourceDefinition<unknown>,
  config: {},
  common: {},
};
