/** What answers at a cluster's URL. */
import { isJsonObject, type JsonObject } from "../../receipt/json.ts";
import type { Cluster, ClusterAnswer } from "./call.ts";
import { explainRefusal } from "./refusal.ts";

export interface ClusterInfo {
  /** As the cluster writes it: `8.19.2`. OpenSearch may claim 7.10.2 for old clients. */
  readonly version: string;
  readonly flavour: "elasticsearch" | "opensearch";
}

const ASKED = { doing: "asking for its version", privilege: "monitor on the cluster" };

/**
 * Asks `GET /`; where that is not answered (a proxy that lets only some paths through, a node
 * without that module), the node itself. Throws CLUSTER_REFUSED or REQUEST_FAILED with what `GET /`
 * said when neither tells.
 */
async function readInfo(cluster: Cluster, signal?: AbortSignal): Promise<ClusterInfo> {
  const answer = await cluster.call({ method: "GET", path: "/", signal });
  const info = readRoot(answer) ?? (await readNode(cluster, answer, signal));
  if (info) return info;
  throw explainRefusal(cluster, answer, ASKED);
}

/** `readInfo`, asked until it is known and never again. */
export function rememberInfo(cluster: Cluster): (signal?: AbortSignal) => Promise<ClusterInfo> {
  let known: ClusterInfo | undefined;
  return async (signal) => {
    known ??= await readInfo(cluster, signal);
    return known;
  };
}

function readRoot({ status, body }: ClusterAnswer): ClusterInfo | undefined {
  const version = body?.["version"];
  if (status !== 200 || !isJsonObject(version ?? null)) return undefined;
  const { number, distribution } = version as JsonObject;
  // `distribution` is what OpenSearch calls itself; Elasticsearch has no such member.
  const flavour = distribution === "opensearch" ? "opensearch" : "elasticsearch";
  return typeof number === "string" ? { version: number, flavour } : undefined;
}

/** The node's own words; only those of Elasticsearch have a `build_flavor`. */
async function readNode(
  cluster: Cluster,
  { status }: ClusterAnswer,
  signal: AbortSignal | undefined,
): Promise<ClusterInfo | undefined> {
  if (status !== 403 && status !== 404 && status !== 405) return undefined;
  const path = "/_nodes/_local?filter_path=nodes.*.version,nodes.*.build_flavor";
  const { body } = await cluster.call({ method: "GET", path, signal });
  const node = Object.values(body?.["nodes"] ?? {})[0];
  if (!isJsonObject(node) || typeof node["version"] !== "string") return undefined;
  const flavour = node["build_flavor"] === undefined ? "opensearch" : "elasticsearch";
  return { version: node["version"], flavour };
}
