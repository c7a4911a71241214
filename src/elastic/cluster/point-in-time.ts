/**
 * A point in time: an index as it was when reading began, so that what is written meanwhile moves
 * nothing between pages. Elasticsearch (7.10) and OpenSearch (2.4) have it under different paths.
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-open-point-in-time
 * https://docs.opensearch.org/latest/search-plugins/searching-data/point-in-time-api/
 */
import type { JsonObject, JsonValue } from "../../receipt/json.ts";
import type { Cluster, ClusterAnswer, ClusterRequest } from "./call.ts";
import { explainRefusal, hasErrorType, type Asked } from "./refusal.ts";

/** How long the cluster keeps it after each page; whoever takes the pages may be slow. */
export const KEEP_ALIVE = "5m";
/** How long whoever wants to stop waits for one to be closed. */
const CLOSE_WITHIN_MS = 1000;

export interface PointInTime {
  readonly id: string;
  readonly dialect: Dialect;
}

interface Dialect {
  open(index: string): string;
  idOf(body: JsonObject): JsonValue | undefined;
  close(id: string): ClusterRequest;
}

const ELASTICSEARCH: Dialect = {
  open: (index) => `/${index}/_pit?keep_alive=${KEEP_ALIVE}`,
  idOf: (body) => body["id"],
  close: (id) => ({ method: "DELETE", path: "/_pit", body: { id } }),
};
const OPENSEARCH: Dialect = {
  open: (index) => `/${index}/_search/point_in_time?keep_alive=${KEEP_ALIVE}`,
  idOf: (body) => body["pit_id"],
  close: (id) => ({
    method: "DELETE",
    path: "/_search/point_in_time",
    body: { pit_id: [id] },
  }),
};

/**
 * Opens a point in time; null where the cluster has none or grants none. `index` is encoded for a
 * path. The maker is not asked for beforehand: that takes a privilege which reading does not.
 */
export async function openPointInTime(
  cluster: Cluster,
  index: string,
  asked: Asked,
  signal?: AbortSignal,
): Promise<PointInTime | null> {
  for (const dialect of [ELASTICSEARCH, OPENSEARCH]) {
    const answer = await cluster.call({ method: "POST", path: dialect.open(index), signal });
    const id = answer.status === 200 && answer.body ? dialect.idOf(answer.body) : undefined;
    if (typeof id === "string") return { id, dialect };
    if (!isNotOffered(answer)) throw explainRefusal(cluster, answer, asked);
  }
  return null;
}

/**
 * Gives the cluster its memory back. It forgets by itself after `KEEP_ALIVE`, so a failure here
 * is not worth the reading that it follows, nor is a long wait when whoever reads wants to stop.
 */
export async function closePointInTime(
  cluster: Cluster,
  { id, dialect }: PointInTime,
  stopped?: AbortSignal,
): Promise<void> {
  const signal = stopped?.aborted ? AbortSignal.timeout(CLOSE_WITHIN_MS) : stopped;
  await cluster.call({ ...dialect.close(id), signal }).catch(() => undefined);
}

/** Refusals differ by version, maker and proxy; if it is more than this call, the search says so. */
function isNotOffered(answer: ClusterAnswer): boolean {
  const { status } = answer;
  if (hasErrorType(answer, "index_not_found_exception")) return false;
  return (status >= 400 && status < 429) || status === 501;
}
