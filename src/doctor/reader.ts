/** The sources that read a cluster, as far as the doctor cares. */
import type { Configuration, ConfiguredSource } from "../app/configuration.ts";
import { feedSettings as actionsFeed } from "../sources/elastic-actions/index.ts";
import { feedSettings as alertsFeed } from "../sources/elastic-alerts/feed.ts";
import type { AlertsSettings } from "../sources/elastic-alerts/settings.ts";

export interface Reader {
  /** Of the source. */
  readonly name: string;
  /** Documents of Kibana's index connector, or alerts as Kibana keeps them. */
  readonly reads: "actions" | "alerts";
  /** Indices, aliases and patterns, as they are asked for. */
  readonly indices: readonly string[];
  /** `consume: delete`. */
  readonly deletes: boolean;
  readonly writesBack: boolean;
  /** Kibana's spaces, of alerts. */
  readonly spaces: readonly string[];
  /** Milliseconds from the indexing of a document until it is read, at most, when all is well. */
  readonly latency: number;
}

/** The sources of the configuration that read this cluster, in its order. */
export function readersOf(
  { sources }: Pick<Configuration, "sources">,
  cluster: string,
): readonly Reader[] {
  return [...sources.values()].flatMap((source) => {
    const { kind, config } = source;
    if ((config as { readonly cluster?: string }).cluster !== cluster) return [];
    if (kind === "elastic-actions") return [actionsReader(source)];
    return kind === "elastic-alerts" ? [alertsReader(source)] : [];
  });
}

// What the kind has parsed; only the kind knows its type.
type ActionsSettings = Parameters<typeof actionsFeed>[0];

function actionsReader({ name, config, feed }: ConfiguredSource): Reader {
  const { index, consume, settle } = actionsFeed(config as ActionsSettings);
  const latency = (feed?.interval ?? 0) + settle;
  const none = { writesBack: false, spaces: [] };
  const deletes = consume === "delete";
  return { name, reads: "actions", indices: listOf(index), deletes, latency, ...none };
}

function alertsReader({ name, config, feed }: ConfiguredSource): Reader {
  const settings = config as AlertsSettings;
  const { index, settle } = alertsFeed(settings);
  const { write_back: writesBack, spaces } = settings;
  const latency = (feed?.interval ?? 0) + settle;
  const indices = listOf(index);
  return { name, reads: "alerts", indices, deletes: false, writesBack, spaces, latency };
}

function listOf(index: string): string[] {
  return index.split(",").filter((name) => name !== "");
}
