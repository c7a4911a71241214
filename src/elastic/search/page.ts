/** One page of a range: the search that asks for it, and the answer read strictly. */
import { fail } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import type { Cluster, ClusterAnswer } from "./call.ts";
import { KEEP_ALIVE } from "./point-in-time.ts";
import {
  describeCause,
  explainRefusal,
  hasErrorType,
  INDEX_MISSING,
  type Asked,
} from "./refusal.ts";

/** A document as a search gives it. */
export type ElasticHit = {
  readonly _index: string;
  readonly _id: string;
  readonly _source: JsonObject;
  /** The time field that the range is of, in epoch milliseconds, as the index understands it. */
  readonly time: number;
  /** Only what the request's `fields` asked for. */
  readonly fields?: JsonObject;
};

/**
 * What orders documents of one time. `_shard_doc` is made for it and costs nothing, but needs a
 * point in time and Elasticsearch 7.12 or OpenSearch 3.3. Index and id together are as unique;
 * clusters without the former still sort by id.
 */
export type TieBreak = "shard_doc" | "id";

/** The sort values of a document: its time in epoch milliseconds, then those of the tie-break. */
export type SortValues = readonly [time: number, ...tie: JsonValue[]];

/** A hit and where it stands in the order. */
export interface PlacedHit {
  readonly hit: ElasticHit;
  readonly sort: SortValues;
}

export interface PageRequest {
  /** Epoch milliseconds: `since` is inside the range, `until` is not. */
  readonly since: number;
  readonly until: number;
  readonly timeField: string;
  readonly fields?: readonly string[] | undefined;
  readonly size: number;
  readonly pitId: string | undefined;
  readonly tieBreak: TieBreak;
  readonly after: SortValues | undefined;
}

/** The body of the search. */
export function searchBody(page: PageRequest): JsonObject {
  const range = { gte: page.since, lt: page.until, format: "epoch_millis" };
  return {
    size: page.size,
    track_total_hits: false,
    query: { bool: { filter: [{ range: { [page.timeField]: range } }] } },
    sort: [{ [page.timeField]: TIME_ORDER }, ...TIES[page.tieBreak]],
    ...(page.fields && { fields: [...page.fields] }),
    ...(page.pitId !== undefined && { pit: { id: page.pitId, keep_alive: KEEP_ALIVE } }),
    ...(page.after && { search_after: [...page.after] }),
  };
}

/**
 * Milliseconds for `date_nanos` too: nanoseconds do not fit into the numbers of JSON as JavaScript
 * reads them. An index of the pattern that lacks the field has nothing in the range.
 */
const TIME_ORDER = { order: "asc", numeric_type: "date", unmapped_type: "date" };

/** In OpenSearch 2 an index that has no mapping at all has not even the field `_id`. */
const NAME_ORDER = { order: "asc", unmapped_type: "keyword" };
const TIES: Readonly<Record<TieBreak, readonly JsonObject[]>> = {
  shard_doc: [{ _shard_doc: "asc" }],
  id: [{ _index: NAME_ORDER }, { _id: NAME_ORDER }],
};

/** Sort values before those of every document of a time. */
export function startOf(time: number, tieBreak: TieBreak): SortValues {
  return tieBreak === "shard_doc" ? [time, -1] : [time, "", ""];
}

/** What came instead of hits, and what can be done about it. */
export type PageOutcome =
  | { readonly kind: "hits"; readonly hits: readonly PlacedHit[]; readonly pitId: string | null }
  | { readonly kind: "expired" | "too_long" | "no_shard_doc"; readonly answer: ClusterAnswer };

/**
 * Reads the answer. Throws for one that is not whole (a shard that failed, a time limit): the
 * documents that are not in it would be missing without a word.
 */
export function readPage(cluster: Cluster, answer: ClusterAnswer, asked: Asked): PageOutcome {
  if (answer.cut) return { kind: "too_long", answer };
  if (hasErrorType(answer, "search_context_missing_exception")) return { kind: "expired", answer };
  if (isWithoutShardDoc(answer)) return { kind: "no_shard_doc", answer };
  const { status, body } = answer;
  const outer = body?.["hits"];
  const hits = isJsonObject(outer) ? outer["hits"] : undefined;
  if (status !== 200 || !body || !Array.isArray(hits)) throw explainRefusal(cluster, answer, asked);
  checkWhole(cluster, body, asked);
  const placed = hits.map((hit) => placeHit(hit) ?? unreadableHit(cluster, asked));
  const pitId = typeof body["pit_id"] === "string" ? body["pit_id"] : null;
  return { kind: "hits", hits: placed, pitId };
}

/** `No mapping found for [_shard_doc] in order to sort on`, from the cluster or from some shards. */
function isWithoutShardDoc({ body }: ClusterAnswer): boolean {
  return JSON.stringify([body?.["error"], body?.["_shards"]]).includes("[_shard_doc]");
}

function checkWhole({ component, hide }: Cluster, body: JsonObject, { doing }: Asked): void {
  const shards = objectAt(body, "_shards");
  if (shards["total"] === 0) {
    const { code, words, hint, reason } = INDEX_MISSING;
    throw fail(code, { component, message: `${doing}: ${words}`, hint, data: { reason } });
  }
  const clusters = objectAt(body, "_clusters");
  const failed = [shards["failed"], clusters["skipped"], clusters["failed"], clusters["partial"]];
  const lacks = failed.some((count) => typeof count === "number" && count > 0);
  if (!lacks && body["timed_out"] !== true) return;
  const detail = hide(firstFailure(shards));
  throw fail("REQUEST_FAILED", {
    component,
    message: `${doing}: only a part of the shards answered${detail === "" ? "" : ` (${detail})`}`,
    hint: "look at the cluster's health; nothing is read as long as documents would be missing",
    data: { reason: "server_error" },
  });
}

function firstFailure(shards: JsonObject): string {
  const failures = shards["failures"];
  const first = Array.isArray(failures) ? failures[0] : undefined;
  return isJsonObject(first) ? describeCause(objectAt(first, "reason")) : "";
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}

function placeHit(value: JsonValue): PlacedHit | undefined {
  if (!isJsonObject(value)) return undefined;
  const { _index, _id, _source, fields, sort } = value;
  if (typeof _index !== "string" || typeof _id !== "string") return undefined;
  if (!isJsonObject(_source) || !Array.isArray(sort)) return undefined;
  const [time, ...tie] = sort;
  if (typeof time !== "number") return undefined;
  const hit = { _index, _id, _source, time, ...(isJsonObject(fields) && { fields }) };
  return { hit, sort: [time, ...tie] };
}

function unreadableHit({ component }: Cluster, { doing }: Asked): never {
  throw fail("REQUEST_FAILED", {
    component,
    message: `${doing}: a hit has no _id, no _source or no time to sort by`,
    hint: "the index must keep _source, and the time field must be a date",
    data: { reason: "unexpected_answer" },
  });
}
