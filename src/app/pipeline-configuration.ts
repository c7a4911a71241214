/** Compiles the configuration for the stages: sources to normalisers, KQL to predicates. */
import { fail } from "../errors.ts";
import { kqlPredicate } from "../kql/index.ts";
import type { LogEntry } from "../pipeline/entry.ts";
import type { CompiledRoute, NormalisedEntry, PipelineConfiguration } from "../pipeline/flow.ts";
import { applyMappings } from "../sources/mapping.ts";
import type { JsonObject } from "../sources/source.ts";
import type { Configuration, Route } from "./configuration.ts";
import { sourceOfEntry, type EntrySource } from "./sources.ts";

/** The configuration as the stages want it. */
export function compilePipeline(configuration: Configuration): PipelineConfiguration {
  const { sources, destinations, routes, operators } = configuration;
  return {
    normalise: (entry, document) => normaliseEntry(sourceOfEntry(sources, entry), entry, document),
    routes: routes.map(compileRoute),
    operators: operators && compileRoute(operators),
    threadFields: (name) => destinations.get(name)?.common.thread_by,
  };
}

function compileRoute(route: Route): CompiledRoute {
  return { ...route, matches: kqlPredicate(route.match) };
}

/** What an entry's source, with the settings' own mappings and tags, makes of its document. */
export function normaliseEntry(
  source: EntrySource | undefined,
  entry: Pick<LogEntry, "source" | "kind" | "stream" | "received_at" | "repaired">,
  document: Readonly<Record<string, unknown>>,
): NormalisedEntry {
  if (!source) {
    throw fail("INTERNAL", {
      component: `source ${entry.source}`,
      message: `no source of kind "${entry.kind}" can read this entry`,
      hint: "Configure the source again, then replay the entry from quarantine.",
    });
  }
  const { definition, config, common, name, kind } = source;
  const given = document as JsonObject;
  const { stream, received_at, repaired } = entry;
  const event = { stream, received_at, repaired, document: given };
  const { alert, subject } = definition.normalise(event, { config, name, kind });
  const mapped = common.fields ? applyMappings(alert, given, common.fields).content : alert;
  const content = {
    ...mapped,
    tags: common.tags ? [...new Set([...mapped.tags, ...common.tags])] : mapped.tags,
    provenance: { ...mapped.provenance, repaired: [...repaired] },
  };
  return { content, subject: subject ?? null };
}
