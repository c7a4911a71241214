/** Opens what the sources of the configuration read from. */
import { fail } from "../errors.ts";
import type { Feed } from "../sources/feed.ts";
import { openConfiguredCluster, type OpenCluster } from "./clusters.ts";
import type { Configuration, ConfiguredSource, FeedSettings } from "./configuration.ts";

export interface OpenedFeed {
  readonly source: ConfiguredSource;
  readonly settings: FeedSettings;
  readonly feed: Feed;
}

export interface OpenedFeeds {
  readonly feeds: readonly OpenedFeed[];
  /** Lets all connections go. Whoever reads a feed stops before. */
  close(): Promise<void>;
}

/**
 * Opens the feeds of the sources that are read, in the order of the configuration; opens no connection
 * yet. Throws CONFIG_INVALID for a cluster that a source names and that is not there or cannot be opened.
 */
export async function openFeeds(
  configuration: Pick<Configuration, "clusters" | "sources" | "egress" | "directory">,
  now: () => number = Date.now,
): Promise<OpenedFeeds> {
  const read = [...configuration.sources.values()].filter(({ feed }) => feed !== null);
  if (read.length === 0) return { feeds: [], close: async () => {} };
  const clusters = await openClusters(configuration);
  const close = async () => void (await Promise.all(clusters.opened.map((each) => each.close())));
  try {
    const feeds = read.flatMap((source) => openFeed(source, clusters.get, now) ?? []);
    return { feeds, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type FindCluster = (name: string, source: string) => OpenCluster;

function openFeed(
  source: ConfiguredSource,
  find: FindCluster,
  now: () => number,
): OpenedFeed | undefined {
  const { name, config, definition, feed: settings } = source;
  if (!definition.open || !settings) return undefined;
  const cluster = (wanted: string) => find(wanted, name);
  return { source, settings, feed: definition.open(config, { name, cluster, now }) };
}

/** A cluster that cannot be opened matters only to a source that names it. */
async function openClusters(
  configuration: Pick<Configuration, "clusters" | "egress" | "directory">,
): Promise<{ readonly get: FindCluster; readonly opened: readonly OpenCluster[] }> {
  const names = [...configuration.clusters.keys()];
  const results = await Promise.allSettled(
    [...configuration.clusters].map(([name, settings]) =>
      openConfiguredCluster(name, settings, configuration),
    ),
  );
  const byName = new Map(names.map((name, index) => [name, results[index]]));
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  return { get: (name, source) => takeOpened(byName.get(name), name, source), opened };
}

function takeOpened(
  result: PromiseSettledResult<OpenCluster> | undefined,
  name: string,
  source: string,
): OpenCluster {
  if (result?.status === "fulfilled") return result.value;
  if (result) throw result.reason;
  throw fail("CONFIG_INVALID", {
    component: `source ${source}`,
    message: `there is no cluster "${name}"`,
    hint: "Name one that stands under `clusters`.",
  });
}
