/** Questions to a cluster whose answer is one body: searches, counts, indices and their mapping. */
import { fail } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import type { Cluster } from "./call.ts";
import { encodeIndex } from "./path.ts";
import { explainRefusal, hasErrorType, type Asked } from "./refusal.ts";
import { indexMissing, readWhole } from "./whole.ts";

export interface SearchRequest {
  readonly index: string;
  readonly body: JsonObject;
  readonly signal?: AbortSignal | undefined;
}

export interface CountRequest {
  readonly index: string;
  readonly query: JsonObject;
  readonly signal?: AbortSignal | undefined;
}

export interface IndexSummary {
  readonly name: string;
  /** Null where the cluster does not say. */
  readonly documents: number | null;
}

/** The whole answer of a search; REQUEST_FAILED for one that lacks a shard or ran out of time. */
export async function search(cluster: Cluster, request: SearchRequest): Promise<JsonObject> {
  const { index, body, signal } = request;
  const path = `/${encodeIndex(cluster.component, index)}/_search`;
  const answer = await cluster.call({ method: "POST", path, body, signal });
  return readWhole(cluster, answer, askedFor("searching", index));
}

/** How many documents fit, of all shards. */
export async function count(cluster: Cluster, request: CountRequest): Promise<number> {
  const { index, query, signal } = request;
  const asked = askedFor("counting documents of", index);
  const path = `/${encodeIndex(cluster.component, index)}/_count`;
  const answer = await cluster.call({ method: "POST", path, body: { query }, signal });
  const { count: counted } = readWhole(cluster, answer, asked);
  if (typeof counted === "number") return counted;
  throw explainRefusal(cluster, answer, asked);
}

/** Of all kinds: hidden ones, those behind a data stream, and closed ones. */
const INDEX_COLUMNS = "format=json&h=index,docs.count&s=index&expand_wildcards=all";

/** Indices behind names or patterns, sorted by name; none when nothing fits. */
export async function listIndices(
  cluster: Cluster,
  pattern: string,
  signal?: AbortSignal,
): Promise<readonly IndexSummary[]> {
  const name = encodeIndex(cluster.component, pattern);
  const path = `/_cat/indices/${name}?${INDEX_COLUMNS}`;
  const answer = await cluster.call({ method: "GET", path, signal });
  if (hasErrorType(answer, "index_not_found_exception")) return [];
  const privilege = `monitor on the cluster and on ${pattern}`;
  if (answer.status === 200 && answer.rows) return answer.rows.flatMap(summaryOf);
  throw explainRefusal(cluster, answer, { doing: `listing indices ${pattern}`, privilege });
}

/** `_cat` writes numbers as text. */
function summaryOf(row: JsonValue): IndexSummary[] {
  if (!isJsonObject(row) || typeof row["index"] !== "string") return [];
  const written = row["docs.count"];
  const documents = typeof written === "string" ? Number(written) : Number.NaN;
  return [{ name: row["index"], documents: Number.isInteger(documents) ? documents : null }];
}

/** The types of fields, also of their parents (`object`); a field may have several in a pattern. */
export async function fieldTypes(
  cluster: Cluster,
  index: string,
  fields: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = askedFor("asking for fields of", index);
  const names = fields.map(encodeURIComponent).join(",");
  const path = `/${encodeIndex(cluster.component, index)}/_field_caps?fields=${names}`;
  const answer = await cluster.call({ method: "GET", path, signal });
  const { indices, fields: found, failed_indices: failed } = readWhole(cluster, answer, asked);
  if (!isJsonObject(found)) throw explainRefusal(cluster, answer, asked);
  if (Array.isArray(indices) && indices.length === 0) throw indexMissing(cluster.component, asked);
  if (typeof failed === "number" && failed > 0) throw someFailed(cluster, asked);
  const types = (caps: JsonValue) => (isJsonObject(caps) ? Object.keys(caps) : []);
  return new Map(Object.entries(found).map(([name, caps]) => [name, types(caps)]));
}

function askedFor(doing: string, index: string): Asked {
  return { doing: `${doing} ${index}`, privilege: `read on ${index}` };
}

function someFailed({ component }: Cluster, { doing }: Asked) {
  return fail("REQUEST_FAILED", {
    component,
    message: `${doing}: only a part of the indices answered`,
    hint: "look at the cluster's health",
    data: { reason: "server_error" },
  });
}
