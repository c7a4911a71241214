/** The indices that a source reads: whether they are there, can be read as the server reads them, and fit. */
import type { ElasticCluster } from "../elastic/cluster/cluster.ts";
import { memberOf, type JsonObject } from "../receipt/json.ts";
import { found, foundError, statusOf, type Finding } from "./finding.ts";
import type { Reader } from "./reader.ts";

export interface FoundIndex {
  readonly name: string;
  readonly documents: number;
}

/** What stands behind one of the names that a source asks for. */
export interface Look {
  readonly asked: string;
  readonly state: "there" | "missing" | "forbidden" | "failed";
  /** Those that hold documents. */
  readonly indices: readonly FoundIndex[];
  readonly error?: unknown;
}

/** More indices than anybody keeps alerts in. */
const MOST_INDICES = 1000;

/** Looks behind every name by itself. Takes the privilege to read and no other. */
export async function lookInto(cluster: ElasticCluster, { indices }: Reader): Promise<Look[]> {
  const looks: Look[] = [];
  for (const asked of indices) looks.push(await lookBehind(cluster, asked));
  return looks;
}

async function lookBehind(cluster: ElasticCluster, asked: string): Promise<Look> {
  const byIndex: JsonObject = { terms: { field: "_index", size: MOST_INDICES } };
  const body = { size: 0, track_total_hits: true, aggs: { indices: byIndex } };
  try {
    const answer = await cluster.search({ index: asked, body });
    return { asked, state: "there", indices: readIndices(answer) };
  } catch (error) {
    return { asked, state: stateOf(error), indices: [], error };
  }
}

function stateOf(error: unknown): Look["state"] {
  // Whatever is thrown here was thrown by the client; `foundError` rethrows what is a bug.
  if ((error as { readonly code?: unknown }).code === "NOT_FOUND") return "missing";
  return statusOf(error) === 403 ? "forbidden" : "failed";
}

function readIndices({ aggregations }: JsonObject): FoundIndex[] {
  const buckets = memberOf(memberOf(aggregations, "indices"), "buckets");
  if (!Array.isArray(buckets)) return [];
  return buckets.flatMap((bucket) => {
    const [name, documents] = [memberOf(bucket, "key"), memberOf(bucket, "doc_count")];
    return typeof name === "string" && typeof documents === "number" ? [{ name, documents }] : [];
  });
}

const MOST_NAMES = 3;

/**
 * What a look has come to, for people.
 * @param isTold whether it is said already that the source lacks privileges
 */
export function describeLook(
  { asked, state, indices, error }: Look,
  reader: Reader,
  isTold: boolean,
): Finding {
  const source = reader.name;
  if (state === "missing") {
    const hint = HINTS_WHEN_MISSING[reader.reads];
    return found("index", "warning", `there is no ${asked} yet`, { source, hint });
  }
  if (state === "forbidden" && isTold)
    return found("index", "skipped", `${asked}: these credentials may not look`, { source });
  if (state !== "there") return foundError("index", error, source);
  if (indices.length === 0)
    return found("index", "ok", `${asked} is there and holds no document`, { source });
  const count = indices.reduce((sum, { documents }) => sum + documents, 0);
  const text = `${asked}: ${count} ${count === 1 ? "document" : "documents"}${whereOf(asked, indices)}`;
  return found("index", "ok", text, { source });
}

const HINTS_WHEN_MISSING = {
  actions: "make its template and the index before the first rule acts; what to paste is below",
  alerts: "Kibana makes it when the first rule of the space runs; check spaces, from and index",
} as const;

function whereOf(asked: string, indices: readonly FoundIndex[]): string {
  const names = indices.map(({ name }) => name).filter((name) => name !== asked);
  if (names.length === 0) return "";
  const rest = names.length - MOST_NAMES;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return ` in ${names.slice(0, MOST_NAMES).join(", ")}${more}`;
}

const DAY = 86_400_000;

/** Reads one page as the server does: through a point in time where the cluster has them. */
export async function tryReading(
  cluster: ElasticCluster,
  { name, indices }: Reader,
  now: number,
): Promise<Finding> {
  const request = { index: indices.join(","), since: now - DAY, until: now, pageSize: 1 };
  try {
    const pages = cluster.readRange(request)[Symbol.asyncIterator]();
    const { done } = await pages.next();
    await pages.return?.();
    const text = done ? "can be read; nothing came in the last 24 hours" : "can be read";
    return found("read", "ok", text, { source: name });
  } catch (error) {
    return foundError("read", error, name);
  }
}
