/** Builds destinations from their settings: network, files and terminal at hand. */
import { resolve } from "node:path";
import { openNetwork } from "../destinations/common.ts";
import type { Destination, Rate } from "../destinations/destination.ts";
import { fail } from "../errors.ts";
import type { Http } from "../net/http.ts";
import { openConfiguredCluster, type OpenCluster } from "./clusters.ts";
import type { Configuration, ConfiguredDestination } from "./configuration.ts";

export interface BuiltDestination {
  readonly name: string;
  readonly kind: string;
  readonly destination: Destination;
  readonly concurrency: number;
  readonly rate: Rate | null;
  /** Milliseconds. */
  readonly giveUpAfter: number;
}

export interface DestinationParts {
  readonly egress: Configuration["egress"];
  readonly clusters: Configuration["clusters"];
  /** What relative paths of the configuration are relative to. */
  readonly directory: string;
  /** Writes one line to the terminal. */
  print(line: string): void;
  now(): number;
}

/**
 * Builds one destination. Opens no connection yet; reads its certificates. Throws CONFIG_INVALID for a
 * file that cannot be read or a cluster that is not there, TEMPLATE_INVALID for a template.
 */
export async function buildDestination(
  configured: ConfiguredDestination,
  parts: DestinationParts,
): Promise<BuiltDestination> {
  const { name, kind, definition, common, config } = configured;
  const { egress, directory, print, now } = parts;
  const concurrency = common.concurrency ?? definition.defaults.concurrency;
  const resolvePath = (path: string) => resolve(directory, path);
  const component = `destination ${name}`;
  const options = { component, egress, connections: concurrency, resolvePath };
  const { http, sockets } = await openNetwork(common, options);
  const cluster = await openClusterOf(configured, parts);
  const context = { name, http, sockets, cluster, resolvePath, print, now };
  const destination = definition.create(config, context);
  return {
    name,
    kind,
    destination: closingWith(destination, cluster ? [http, cluster] : [http]),
    concurrency,
    rate: common.rate ?? definition.defaults.rate ?? null,
    giveUpAfter: common.give_up_after,
  };
}

async function openClusterOf(
  { name, definition, config }: ConfiguredDestination,
  { clusters, egress, directory }: DestinationParts,
): Promise<OpenCluster | null> {
  const wanted = definition.cluster?.(config);
  if (wanted === undefined) return null;
  const settings = clusters.get(wanted);
  if (settings) return openConfiguredCluster(wanted, settings, { egress, directory });
  throw fail("CONFIG_INVALID", {
    component: `destination ${name}`,
    message: `there is no cluster "${wanted}"`,
    hint: "Name one that stands under `clusters`.",
  });
}

/** A destination whose clients are closed with it. */
export function closingWith(
  destination: Destination,
  clients: readonly Pick<Http, "close">[],
): Destination {
  return {
    ...destination,
    async close() {
      await destination.close();
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
