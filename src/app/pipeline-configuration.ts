/** Compiles the configuration for the stages: sources to normalisers, KQL to predicates. */
import { compileCalendar } from "../calendar/compile.ts";
import type { Calendar } from "../calendar/calendar.ts";
import { compileStopValues } from "../case/stop-values.ts";
import { fail } from "../errors.ts";
import { parseKql, QuerySet } from "../kql/index.ts";
import type { LogEntry } from "../pipeline/entry.ts";
import type {
  CompiledRoute,
  NormalisedEntry,
  PipelineConfiguration,
} from "../pipeline/policies.ts";
import { boundKey } from "../alert/key.ts";
import { applyMappings } from "../sources/mapping.ts";
import type { JsonObject } from "../sources/source.ts";
import type { Configuration } from "./configuration.ts";
import { compileCase, compileCorrelation, compileFold, compileInhibition } from "./policies.ts";
import { compileRoute } from "./routes.ts";
import { sourceOfEntry, type EntrySource } from "./sources.ts";
import { statusListeners } from "./status-updates.ts";

/** The configuration as the stages want it. */
export function compilePipeline(configuration: Configuration): PipelineConfiguration {
  const { sources, destinations, stop_values } = configuration;
  const listeners = new Set(statusListeners(configuration));
  return {
    normalise: (entry, document) => normaliseEntry(sourceOfEntry(sources, entry), entry, document),
    fold: querySet(configuration.fold.map(compileFold)),
    cases: querySet(configuration.cases.map(compileCase)),
    correlate: configuration.correlate.map(compileCorrelation),
    inhibit: configuration.inhibit.map(compileInhibition),
    ...compileRoutes(configuration),
    isStopValue: compileStopValues(stop_values),
    threadFields: (name) => destinations.get(name)?.common.thread_by,
    hearsOfStatus: (name) => listeners.has(name),
  };
}

type Routes = Pick<PipelineConfiguration, "routes" | "fallback" | "operators" | "route">;

function compileRoutes({ routes, operators, calendars }: Configuration): Routes {
  const compiledCalendars: ReadonlyMap<string, Calendar> = new Map(
    Object.entries(calendars).map(([name, settings]) => [name, compileCalendar(name, settings)]),
  );
  const forAlerts = routes.map((route) => compileRoute(route, compiledCalendars));
  const forOperators = operators && compileRoute(operators, compiledCalendars);
  const all = forOperators ? [...forAlerts, forOperators] : forAlerts;
  const byName: ReadonlyMap<string, CompiledRoute> = new Map(
    all.map((route) => [route.name, route]),
  );
  return {
    routes: querySet(forAlerts.filter((route) => !route.default)),
    fallback: forAlerts.find((route) => route.default) ?? null,
    operators: forOperators,
    route: (name) => byName.get(name),
  };
}

function querySet<T extends { readonly match: string }>(items: readonly T[]): QuerySet<T> {
  return new QuerySet(items.map((value) => ({ query: parseKql(value.match), value })));
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
  const { alert, subject, updates, parts } = definition.normalise(event, { config, name, kind });
  const mapped = common.fields ? applyMappings(alert, given, common.fields).content : alert;
  const content = {
    ...mapped,
    tags: common.tags ? [...new Set([...mapped.tags, ...common.tags])] : mapped.tags,
    provenance: { ...mapped.provenance, repaired: [...repaired] },
  };
  return {
    content,
    subject: subject ?? null,
    updates: updates === undefined ? null : boundKey(updates),
    parts: parts ?? [],
  };
}
