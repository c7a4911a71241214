/** As much of the query language and of aggregations as feeds use, on documents in memory. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../../receipt/json.ts";

/** A document as searches see it. */
export interface Visible {
  readonly index: string;
  readonly id: string;
  readonly source: JsonObject;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/** Times are ISO 8601 in documents; all else is compared as it is. */
export function valueOf({ index, seqNo, source }: Visible, field: string): JsonValue | undefined {
  if (field === "_index") return index;
  if (field === "_seq_no") return seqNo;
  return source[field];
}

export function timeOf(document: Visible, field: string): number {
  const value = valueOf(document, field);
  return typeof value === "string" ? Date.parse(value) : Number(value ?? Number.NaN);
}

/** Throws for what it does not know, so that a query is never passed by chance. */
export function matches(query: JsonObject, document: Visible): boolean {
  const [kind, body] = onlyMember(query);
  if (!isJsonObject(body)) throw new RangeError(`query ${kind}`);
  if (kind === "bool") return matchesBool(body, document);
  if (kind === "exists") return valueOf(document, textAt(body, "field")) !== undefined;
  const [field, condition] = onlyMember(body);
  if (kind === "term") return valueOf(document, field) === condition;
  if (kind === "range" && isJsonObject(condition))
    return inRange(timeOf(document, field), condition);
  throw new RangeError(`query ${kind}`);
}

function onlyMember(object: JsonObject): [string, JsonValue] {
  const [member, ...more] = Object.entries(object);
  if (!member || more.length > 0) throw new RangeError(`clause ${JSON.stringify(object)}`);
  return member;
}

function textAt(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value === "string") return value;
  throw new RangeError(`${name} of ${JSON.stringify(object)}`);
}

function matchesBool(body: JsonObject, document: Visible): boolean {
  const { filter, should, must_not, minimum_should_match, ...rest } = body;
  if (Object.keys(rest).length > 0) throw new RangeError(`bool ${Object.keys(rest).join()}`);
  const each = (clauses: JsonValue | undefined) => (clauses ?? []) as JsonObject[];
  if (should && minimum_should_match !== 1) throw new RangeError("should without a minimum");
  const fits = (query: JsonObject) => matches(query, document);
  if (should && !each(should).some(fits)) return false;
  return each(filter).every(fits) && !each(must_not).some(fits);
}

function inRange(value: number, condition: JsonObject): boolean {
  const { gte, gt, lt, lte, format, ...rest } = condition;
  if (Object.keys(rest).length > 0 || (format ?? "epoch_millis") !== "epoch_millis")
    throw new RangeError(`range ${JSON.stringify(condition)}`);
  if (Number.isNaN(value)) return false;
  return (
    value >= Number(gte ?? -Infinity) &&
    value > Number(gt ?? -Infinity) &&
    value < Number(lt ?? Infinity) &&
    value <= Number(lte ?? Infinity)
  );
}

/** The `aggregations` of an answer. */
export function aggregate(aggs: JsonObject, documents: readonly Visible[]): JsonObject {
  const answers = Object.entries(aggs).map(([name, agg]) => [
    name,
    answer(agg as JsonObject, documents),
  ]);
  return Object.fromEntries(answers) as JsonObject;
}

function answer({ aggs = {}, ...agg }: JsonObject, documents: readonly Visible[]): JsonObject {
  const { filter, terms, stats } = agg as Record<string, JsonObject | undefined>;
  const below = (some: readonly Visible[]) => aggregate(aggs as JsonObject, some);
  if (filter) {
    const found = documents.filter((document) => matches(filter, document));
    return { doc_count: found.length, ...below(found) };
  }
  if (terms) return answerTerms(terms, documents, below);
  if (stats) return answerStats(documents.map((each) => timeOf(each, textAt(stats, "field"))));
  throw new RangeError(`aggregation ${Object.keys(agg).join()}`);
}

function answerTerms(
  terms: JsonObject,
  documents: readonly Visible[],
  below: (some: readonly Visible[]) => JsonObject,
): JsonObject {
  const size = Number(terms["size"]);
  const groups = new Map<string, Visible[]>();
  for (const document of documents) {
    const key = JSON.stringify(valueOf(document, textAt(terms, "field")));
    groups.set(key, [...(groups.get(key) ?? []), document]);
  }
  const sorted = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
  const buckets = sorted.slice(0, size).map(([key, some]) => ({
    key: JSON.parse(key) as JsonValue,
    doc_count: some.length,
    ...below(some),
  }));
  const left = sorted.slice(size).reduce((sum, [, some]) => sum + some.length, 0);
  return { sum_other_doc_count: left, doc_count_error_upper_bound: 0, buckets };
}

function answerStats(values: readonly number[]): JsonObject {
  const sum = values.reduce((total, value) => total + value, 0);
  if (values.length === 0) return { count: 0, min: null, max: null, avg: null, sum: 0 };
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return { count: values.length, min, max, avg: sum / values.length, sum };
}
