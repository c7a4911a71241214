/** Sources, destinations and routes of a configuration, with the kinds they name looked up. */
import type { z } from "zod";
import { readListen, type ListenAddress } from "../config/listen.ts";
import { destinationCommon, type DestinationCommon } from "../destinations/common.ts";
import type { DestinationDefinition } from "../destinations/destination.ts";
import { fail } from "../errors.ts";
import { feedCommon, requestCommon, sourceCommon, type FeedSettings } from "../sources/common.ts";
import type { SourceDefinition } from "../sources/source.ts";
import {
  kindSchema,
  type NamedEntry,
  type ParsedSettings,
  type Route,
} from "./configuration-schema.ts";
import { OPERATORS_ROUTE } from "./route-checks.ts";

/** As of a source that is sent to; one that is read has what is common to all, and asks for a key. */
export type SourceCommon = z.output<z.ZodObject<typeof sourceCommon & typeof requestCommon>>;
export type { FeedSettings };

/** The kinds that a configuration can name. */
export interface Registries {
  readonly sources: readonly SourceDefinition[];
  readonly destinations: readonly DestinationDefinition[];
}

export interface ConfiguredSource {
  readonly name: string;
  readonly kind: string;
  readonly definition: SourceDefinition;
  /** Its own listener; null when it is served by the program's. */
  readonly listen: ListenAddress | null;
  readonly common: SourceCommon;
  /** When it is read; null of a source that is sent to. */
  readonly feed: FeedSettings | null;
  /** The settings of its kind, as `definition` takes them. */
  readonly config: unknown;
}

export interface ConfiguredDestination {
  readonly name: string;
  readonly kind: string;
  readonly definition: DestinationDefinition;
  readonly common: DestinationCommon;
  /** The settings of its kind, as `definition` takes them. */
  readonly config: unknown;
}

/** The parsed settings with every name looked up; the route for operators stands apart. */
export function assemble(settings: ParsedSettings, registries: Registries) {
  const { clusters, sources = {}, destinations = {}, routes = [], ...rest } = settings;
  const isForOperators = (route: Route) => route.name === OPERATORS_ROUTE;
  return {
    ...rest,
    clusters: new Map(Object.entries(clusters)),
    sources: mapEntries(sources, (name, entry) => configureSource(name, entry, registries)),
    destinations: mapEntries(destinations, (name, entry): ConfiguredDestination => {
      const { definition, config, common } = divide(
        entry,
        registries.destinations,
        destinationCommon,
      );
      return { name, kind: entry.kind, definition, common: common as DestinationCommon, config };
    }),
    routes: routes.filter((route) => !isForOperators(route)),
    operators: routes.find(isForOperators) ?? null,
  };
}

function configureSource(
  name: string,
  entry: NamedEntry,
  registries: Registries,
): ConfiguredSource {
  const shape = { ...sourceCommon, ...requestCommon };
  const { definition, config, common } = divide(entry, registries.sources, shape);
  const typed = { auth: "key", ...(common as object) } as SourceCommon;
  const listen = (typed.listen && readListen(typed.listen)) || null;
  const feed = definition.open ? (pick(entry, feedCommon) as FeedSettings) : null;
  return { name, kind: entry.kind, definition, listen, common: typed, feed, config };
}

/** Whether a source, as written, is read rather than sent to; undefined of a kind there is not. */
export function isRead(
  entry: Readonly<Record<string, unknown>>,
  { sources }: Pick<Registries, "sources">,
): boolean | undefined {
  const definition = sources.find(({ kind }) => kind === entry["kind"]);
  return definition && definition.open !== undefined;
}

/** Whether a destination, as written, can change a message; true when its settings are wrong. */
export function canUpdate(
  entry: Readonly<Record<string, unknown>>,
  { destinations }: Pick<Registries, "destinations">,
): boolean {
  const definition = destinations.find(({ kind }) => kind === entry["kind"]);
  const parsed = definition?.config.safeParse(pick(entry, kindSchema(definition).shape));
  return !definition || !parsed?.success || definition.canUpdate(parsed.data);
}

function mapEntries<T>(
  entries: Readonly<Record<string, NamedEntry>>,
  make: (name: string, entry: NamedEntry) => T,
): ReadonlyMap<string, T> {
  return new Map(Object.entries(entries).map(([name, entry]) => [name, make(name, entry)]));
}

/** Takes the settings of the kind and the common ones apart; a kind may want to see both. */
function divide<D extends SourceDefinition | DestinationDefinition>(
  entry: NamedEntry,
  definitions: readonly D[],
  commonShape: z.ZodRawShape,
) {
  const definition = definitions.find(({ kind }) => kind === entry.kind);
  if (!definition) {
    const message = `no definition of kind ${entry.kind}`;
    throw fail("INTERNAL", { component: "configuration", message });
  }
  const config = pick(entry, kindSchema(definition).shape);
  return { definition, config, common: pick(entry, commonShape) };
}

function pick(entry: Readonly<Record<string, unknown>>, shape: object): unknown {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => Object.hasOwn(shape, key)));
}
