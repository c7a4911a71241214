/** How the fake Elasticsearch of `elasticsearch.ts` searches. */
import { aggregate } from "./elasticsearch-aggregations.ts";
import { fits, numberAt, type Json, type StoredDocument } from "./elasticsearch-query.ts";

export type { Json, StoredDocument } from "./elasticsearch-query.ts";

/**
 * `elasticsearch-bare` is one before 7.10, without points in time; `opensearch-2` is one before
 * 3.3, with points in time but without `_shard_doc`.
 */
export type EngineKind = "elasticsearch" | "elasticsearch-bare" | "opensearch" | "opensearch-2";

export type Answer = readonly [status: number, body: Json];

const KNOWN = [
  "size",
  "track_total_hits",
  "query",
  "sort",
  "fields",
  "pit",
  "search_after",
  "_source",
  "seq_no_primary_term",
  "aggs",
];

/** What is searched. */
export interface View {
  /** Their order is that of `_shard_doc`. */
  readonly documents: readonly StoredDocument[];
  /** One for each index. */
  readonly shards: number;
}

/** Answers a search over a view. */
export function search(kind: EngineKind, view: View, body: Json): Answer {
  const refused = checkBody(body) ?? (body["size"] === 0 ? undefined : checkOrder(kind, body));
  if (refused) return refused;
  try {
    return [200, body["size"] === 0 ? counted(view, body) : found(view, body)];
  } catch (error) {
    return refuse(400, "parsing_exception", String(error));
  }
}

function checkBody(body: Json): Answer | undefined {
  const unknown = Object.keys(body).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) return refuse(400, "parsing_exception", `unknown key [${unknown}]`);
  const { size, aggs } = body;
  if ((size as number) > 10_000)
    return refuse(400, "illegal_argument_exception", "Result window is too large");
  if ((size === 0) === (aggs !== undefined)) return undefined;
  return refuse(400, "illegal_argument_exception", "pages and numbers are asked for apart");
}

function checkOrder(kind: EngineKind, body: Json): Answer | undefined {
  const keys = keysOf(body);
  const tie = keys.slice(1).join();
  const hasShardDoc = body["pit"] !== undefined && kind !== "opensearch-2";
  if (tie === "_shard_doc" && !hasShardDoc)
    return refuse(400, "query_shard_exception", "No mapping found for [_shard_doc] in order to…");
  if (tie !== "_shard_doc" && tie !== "_index,_id")
    return refuse(400, "illegal_argument_exception", "this would lose documents of one time");
  if (tie === "_index,_id" && kind === "elasticsearch")
    return refuse(400, "illegal_argument_exception", "Fielddata access on the _id field is off");
  const after = body["search_after"] as unknown[] | undefined;
  if (!after || after.length === keys.length) return undefined;
  return refuse(400, "illegal_argument_exception", "search_after has not as many values as sort");
}

/** The names that are sorted by. */
function keysOf({ sort = [] }: Json): string[] {
  return (sort as Json[]).map((each) => Object.keys(each)[0] ?? "");
}

function counted({ documents, shards }: View, { query, aggs, track_total_hits }: Json): Json {
  const fitting = documents.filter((each) => query === undefined || fits(each, query as Json));
  const total = { value: fitting.length, relation: "eq" };
  return {
    ...envelope(shards),
    hits: { ...(track_total_hits !== false && { total }), max_score: null, hits: [] },
    aggregations: aggregate(aggs as Json, fitting),
  };
}

function found({ documents, shards }: View, body: Json): Json {
  const keys = keysOf(body);
  const after = body["search_after"] as unknown[] | undefined;
  const hits = documents
    .map((document, position) => {
      const { _index, _id } = document;
      const tie = keys.includes("_shard_doc") ? [position] : [_index, _id];
      return { document, sort: [numberAt(document, keys[0] ?? ""), ...tie] };
    })
    .filter(({ document }) => fits(document, body["query"] as Json))
    .filter(({ sort }) => !after || compare(sort, after) > 0)
    .toSorted((a, b) => compare(a.sort, b.sort))
    .slice(0, body["size"] as number)
    .map(({ document: { _seq_no, ...document }, sort }) => ({
      ...document,
      _source: partOf(document._source, body["_source"]),
      ...(body["seq_no_primary_term"] === true && { _seq_no, _primary_term: 1 }),
      _score: null,
      sort,
    }));
  return { ...envelope(shards), hits: { max_score: null, hits } };
}

function envelope(total: number) {
  const _shards = { total, successful: total, skipped: 0, failed: 0 };
  return { took: 1, timed_out: false, _shards };
}

function partOf(source: Json, wanted: unknown): Json {
  if (wanted === undefined) return source;
  if (!Array.isArray(wanted)) return {};
  return Object.fromEntries(Object.entries(source).filter(([name]) => wanted.includes(name)));
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
