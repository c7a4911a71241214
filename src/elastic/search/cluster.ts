/** Reads from a cluster of Elasticsearch (7.2 to 9) or OpenSearch. */
import type { Http } from "../../net/http.ts";
import { createCluster } from "./call.ts";
import { readInfo, type ClusterInfo } from "./info.ts";
import type { ElasticHit } from "./page.ts";
import { readRange, type RangeRequest } from "./range.ts";
import type { ClusterSettings } from "./settings.ts";

export type { ElasticHit } from "./page.ts";
export type { RangeRequest } from "./range.ts";

export interface ClusterReader {
  /** What answers there. Throws CLUSTER_REFUSED or REQUEST_FAILED when it does not say. */
  info(signal?: AbortSignal): Promise<ClusterInfo>;
  /**
   * The documents of a range, oldest first, each once, in pages that are never empty. What the
   * cluster keeps for it is given back when the loop over it ends, early or not. Throws NOT_FOUND
   * for an index that is not there, else CLUSTER_REFUSED or REQUEST_FAILED with `data.reason`.
   */
  readRange(request: RangeRequest): AsyncIterable<readonly ElasticHit[]>;
}

export interface ClusterParts {
  /** As in the configuration; errors name it. */
  readonly name: string;
  /** As `openClusterHttp` makes it; whoever made it closes it. */
  readonly http: Http;
}

/** Binds the settings to a client; nothing is sent before the first call. */
export function openCluster(
  settings: ClusterSettings,
  { name, http }: ClusterParts,
): ClusterReader {
  const cluster = createCluster(settings, name, http);
  return {
    info: (signal) => readInfo(cluster, signal),
    readRange: (request) => readRange(cluster, request),
  };
}
