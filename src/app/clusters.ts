/** Opens the clusters of the configuration. */
import { resolve } from "node:path";
import { openCluster, type ElasticCluster } from "../elastic/cluster/cluster.ts";
import { openClusterHttp, type ClusterSettings } from "../elastic/cluster/settings.ts";
import type { Configuration } from "./configuration.ts";

export interface OpenCluster extends ElasticCluster {
  /** Lets its connections go. */
  close(): Promise<void>;
}

/**
 * A reader of one cluster. Its certificates are read, and no connection is opened yet. Throws
 * CONFIG_INVALID when a certificate cannot be read.
 */
export async function openConfiguredCluster(
  name: string,
  settings: ClusterSettings,
  { egress, directory }: Pick<Configuration, "egress" | "directory">,
): Promise<OpenCluster> {
  const resolvePath = (path: string) => resolve(directory, path);
  const http = await openClusterHttp(settings, { name, egress, resolvePath });
  return { ...openCluster(settings, { name, http }), close: () => http.close() };
}
