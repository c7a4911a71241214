/** Finds the source that reads an entry of the stream. */
import { correlateSource } from "../sources/correlate/index.ts";
import { operatorSource } from "../sources/tocsin/index.ts";
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
  const internal = INTERNAL.find(({ kind }) => kind === entry.kind);
  if (internal) return internal;
  const known = sources.get(entry.source);
  if (known && known.kind === entry.kind) return known;
  const definition = registries.sources.find(({ kind }) => kind === entry.kind);
  // What was read is here already: which cluster it came from no longer matters.
  const defaults = definition?.config.safeParse(definition.open ? { cluster: "gone" } : {});
  if (!definition || !defaults?.success) return undefined;
  const { source: name, kind } = entry;
  return { name, kind, definition, config: defaults.data, common: {} };
}

/** Those that the program itself feeds; they have no settings. */
const INTERNAL: readonly EntrySource[] = [operatorSource, correlateSource].map((source) => ({
  name: source.kind,
  kind: source.kind,
  // The settings' type is that of an empty object; nothing reads them.
  definition: source as SourceDefinition<unknown>,
  config: {},
  common: {},
}));
