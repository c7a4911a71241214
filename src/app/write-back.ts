/**
 * Where the status of alerts is written back to: the clusters of sources with `write_back`. Each is an
 * outlet beside those of the destinations.
 */
import { resolve } from "node:path";
import { z } from "zod";
import { destinationCommon } from "../destinations/common.ts";
import { createStatusDestination, kibanaStatus } from "../destinations/kibana-status/index.ts";
import type { Destination } from "../destinations/destination.ts";
import { openClusterHttp } from "../elastic/cluster/settings.ts";
import { openKibana, type KibanaSettings } from "../elastic/kibana/kibana.ts";
import { fail } from "../errors.ts";
import { writeBackTo, type WriteBackTargets } from "../store/sqlite/write-back.ts";
import type { Configuration } from "./configuration.ts";
import { closingWith, type BuiltDestination } from "./destinations.ts";

/** As long as a destination tries that says nothing about it. */
const GIVE_UP_AFTER = z.object(destinationCommon).shape.give_up_after.parse(undefined);

/** What a source that is read says of its cluster; only its kind knows the type of its settings. */
interface ReadSettings {
  readonly cluster: string;
  /** Undefined where the kind knows nothing of it. */
  readonly write_back?: boolean;
}

/**
 * The sources that write back, with their clusters, and those that must not: what is read from a
 * cluster is known to no other. Of the alerts of all others their keys tell.
 */
export function writeBackTargets({ sources }: Pick<Configuration, "sources">): WriteBackTargets {
  const read = [...sources.values()]
    .filter(({ feed }) => feed !== null)
    .map(({ name, config }) => ({ name, ...(config as ReadSettings) }));
  const told = new Set(read.flatMap((each) => (each.write_back ? each.cluster : [])));
  return new Map(
    read.flatMap(({ name, cluster, write_back }): [string, string | null][] => {
      if (write_back) return [[name, cluster]];
      return write_back === false || !told.has(cluster) ? [[name, null]] : [];
    }),
  );
}

/**
 * One for each cluster that is written back to. Opens no connection yet; throws CONFIG_INVALID when
 * its certificates cannot be read, or it does not say where its Kibana is.
 */
export async function buildWriteBacks(
  configuration: Pick<Configuration, "sources" | "clusters" | "egress" | "directory">,
): Promise<BuiltDestination[]> {
  const clusters = new Set(writeBackTargets(configuration).values());
  return Promise.all(
    [...clusters].flatMap((name) => (name === null ? [] : buildWriteBack(name, configuration))),
  );
}

async function buildWriteBack(
  cluster: string,
  { clusters, egress, directory }: Pick<Configuration, "clusters" | "egress" | "directory">,
): Promise<BuiltDestination> {
  const settings = clusters.get(cluster);
  if (!settings || !hasKibana(settings)) throw withoutKibana(cluster);
  const resolvePath = (path: string) => resolve(directory, path);
  const http = await openClusterHttp(settings, { name: cluster, egress, resolvePath });
  const destination: Destination = createStatusDestination({
    kibana: openKibana(settings, { name: cluster, http }),
  });
  return {
    name: writeBackTo(cluster),
    kind: kibanaStatus.kind,
    destination: closingWith(destination, [http]),
    concurrency: kibanaStatus.defaults.concurrency,
    rate: null,
    giveUpAfter: GIVE_UP_AFTER,
  };
}

function hasKibana(settings: object): settings is KibanaSettings {
  return "kibana" in settings && typeof settings.kibana === "string";
}

function withoutKibana(cluster: string) {
  return fail("CONFIG_INVALID", {
    component: `cluster ${cluster}`,
    message: "a source writes back to it, and it does not say where its Kibana is",
    hint: `add kibana: with the URL to clusters.${cluster}, or take write_back out of the source`,
  });
}
