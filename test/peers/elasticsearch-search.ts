/** How the fake Elasticsearch of `elasticsearch.ts` searches. */

export type Json = Record<string, unknown>;

export interface StoredDocument {
  readonly _index: string;
  readonly _id: string;
  readonly _source: Json & { readonly "@timestamp": string };
}

/**
 * `elasticsearch-bare` is one before 7.10, without points in time; `opensearch-2` is one before
 * 3.3, with points in time but without `_shard_doc`.
 */
export type EngineKind = "elasticsearch" | "elasticsearch-bare" | "opensearch" | "opensearch-2";

export type Answer = readonly [status: number, body: Json];
interface Limits {
  readonly gte: number;
  readonly lt: number;
}

const KNOWN = ["size", "track_total_hits", "query", "sort", "fields", "pit", "search_after"];

/** Answers a search over these documents; their order is that of `_shard_doc`. */
export function search(kind: EngineKind, documents: readonly StoredDocument[], body: Json): Answer {
  const unknown = Object.keys(body).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) return refuse(400, "parsing_exception", `unknown key [${unknown}]`);
  if ((body["size"] as number) > 10_000)
    return refuse(400, "illegal_argument_exception", "Result window is too large");
  const keys = (body["sort"] as Json[]).map((each) => Object.keys(each)[0] ?? "");
  const tie = keys.slice(1).join();
  const hasShardDoc = body["pit"] !== undefined && kind !== "opensearch-2";
  if (tie === "_shard_doc" && !hasShardDoc)
    return refuse(400, "query_shard_exception", "No mapping found for [_shard_doc] in order to…");
  if (tie !== "_shard_doc" && tie !== "_index,_id")
    return refuse(400, "illegal_argument_exception", "this would lose documents of one time");
  if (tie === "_index,_id" && kind === "elasticsearch")
    return refuse(400, "illegal_argument_exception", "Fielddata access on the _id field is off");
  const after = body["search_after"] as unknown[] | undefined;
  if (after && after.length !== keys.length)
    return refuse(400, "illegal_argument_exception", "search_after has not as many values as sort");
  return [200, found(documents, body, keys, after)];
}

function found(
  documents: readonly StoredDocument[],
  body: Json,
  keys: string[],
  after?: unknown[],
) {
  const { field, gte, lt } = rangeOf(body);
  const timeOf = ({ _source }: StoredDocument) => Date.parse(String(_source[field]));
  const hits = documents
    .map((document, position) => {
      const { _index, _id } = document;
      const tie = keys.includes("_shard_doc") ? [position] : [_index, _id];
      return { document, sort: [timeOf(document), ...tie] };
    })
    .filter(({ document }) => timeOf(document) >= gte && timeOf(document) < lt)
    .filter(({ sort }) => !after || compare(sort, after) > 0)
    .toSorted((a, b) => compare(a.sort, b.sort))
    .slice(0, body["size"] as number)
    .map(({ document, sort }) => ({ ...document, _score: null, sort }));
  const total = documents.length === 0 ? 0 : 1;
  const _shards = { total, successful: total, skipped: 0, failed: 0 };
  return { took: 1, timed_out: false, _shards, hits: { max_score: null, hits } };
}

function rangeOf(body: Json) {
  const query = body["query"] as { bool: { filter: [{ range: Record<string, Limits> }] } };
  const [field = "", limits = { gte: 0, lt: 0 }] =
    Object.entries(query.bool.filter[0].range)[0] ?? [];
  return { field, ...limits };
}

function compare(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (left === right) continue;
    return (left as number | string) < (right as number | string) ? -1 : 1;
  }
  return 0;
}

/** An error as engines write it. */
export function refuse(status: number, type: string, reason: string): Answer {
  return [status, { error: { root_cause: [{ type, reason }], type, reason }, status }];
}
