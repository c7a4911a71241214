/** The aggregations that the fake Elasticsearch knows: `filter`, `terms` of indices, `stats`. */
import { fits, numberAt, type Json, type StoredDocument } from "./elasticsearch-query.ts";

/** The `aggregations` of an answer. Throws a RangeError for one that is not known. */
export function aggregate(aggs: Json, documents: readonly StoredDocument[]): Json {
  const answers = Object.entries(aggs).map(([name, agg]) => [name, answer(agg as Json, documents)]);
  return Object.fromEntries(answers) as Json;
}

function answer({ aggs = {}, ...agg }: Json, documents: readonly StoredDocument[]): Json {
  const [kind = "", ...others] = Object.keys(agg);
  const body = agg[kind] as Json;
  const below = (some: readonly StoredDocument[]) => aggregate(aggs as Json, some);
  if (others.length > 0) throw new RangeError(`two kinds of aggregation: ${kind} ${others.join()}`);
  if (kind === "filter") {
    const found = documents.filter((document) => fits(document, body));
    return { doc_count: found.length, ...below(found) };
  }
  if (kind === "terms") return byIndex(body, documents, below);
  if (kind === "stats")
    return statsOf(documents.map((each) => numberAt(each, body["field"] as string)));
  throw new RangeError(`unknown aggregation ${kind}`);
}

function byIndex(
  { field, size }: Json,
  documents: readonly StoredDocument[],
  below: (some: readonly StoredDocument[]) => Json,
): Json {
  if (field !== "_index" || typeof size !== "number")
    throw new RangeError("only indices are told apart, with a size");
  const names = [...new Set(documents.map(({ _index }) => _index))];
  const buckets = names.map((key) => {
    const some = documents.filter(({ _index }) => _index === key);
    return { key, doc_count: some.length, ...below(some) };
  });
  const left = buckets.slice(size).reduce((sum, { doc_count }) => sum + doc_count, 0);
  return { sum_other_doc_count: left, buckets: buckets.slice(0, size) };
}

function statsOf(all: readonly number[]): Json {
  const values = all.filter((value) => !Number.isNaN(value));
  const sum = values.reduce((total, value) => total + value, 0);
  if (values.length === 0) return { count: 0, min: null, max: null, avg: null, sum: 0 };
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return { count: values.length, min, max, avg: sum / values.length, sum };
}
