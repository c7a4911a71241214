/** One page of a reading: the search that asks for it, and the answer read strictly. */
import { fail } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import type { Cluster, ClusterAnswer } from "./call.ts";
import { KEEP_ALIVE } from "./point-in-time.ts";
import { explainRefusal, hasErrorType, type Asked } from "./refusal.ts";
import { checkWhole } from "./whole.ts";

/** A document as a search gives it. */
export type ElasticHit = {
  readonly _index: string;
  readonly _id: string;
  readonly _source: JsonObject;
  /**
   * The time field that the range is of, in epoch milliseconds, as the index understands it; NaN in a
   * sequence, whose documents have none.
   */
  readonly time: number;
  /** Only what the request's `fields` asked for. */
  readonly fields?: JsonObject;
  /** `_seq_no` and `_primary_term`; only where `versions` were asked for, and of sequences. */
  readonly seqNo?: number;
  readonly primaryTerm?: number;
  /** It is longer than an answer may be, so `_source` is empty; only where that was asked for. */
  readonly cut?: true;
};

/**
 * What orders documents of one time. `_shard_doc` is made for it and costs nothing, but needs a
 * point in time and Elasticsearch 7.12 or OpenSearch 3.3. Index and id together are as unique;
 * clusters without the former still sort by id.
 */
export type TieBreak = "shard_doc" | "id";

/** The sort values of a document: its time or number, then those of the tie-break. */
export type SortValues = readonly [first: number, ...tie: JsonValue[]];

/** A hit and where it stands in the order. */
export interface PlacedHit {
  readonly hit: ElasticHit;
  readonly sort: SortValues;
}

/** Which documents are read, in which order, and what of them. */
export interface Selection {
  /** Conditions in the cluster's query language; all must hold. */
  readonly filter: readonly JsonObject[];
  /** A field of dates, or `_seq_no`. */
  readonly by: { readonly kind: "time" | "number"; readonly field: string };
  readonly fields?: readonly string[] | undefined;
  readonly source?: readonly string[] | undefined;
  readonly versions?: boolean | undefined;
}

export interface PageRequest {
  readonly selection: Selection;
  readonly size: number;
  readonly pitId: string | undefined;
  readonly tieBreak: TieBreak;
  readonly after: SortValues | undefined;
}

/** The body of the search. */
export function searchBody({ selection, size, pitId, tieBreak, after }: PageRequest): JsonObject {
  const { filter, by, fields, source, versions } = selection;
  return {
    size,
    track_total_hits: false,
    query: { bool: { filter: [...filter] } },
    sort: [{ [by.field]: ORDERS[by.kind] }, ...TIES[tieBreak]],
    ...(source && { _source: partsOf(source) }),
    ...(fields && { fields: [...fields] }),
    ...(versions && { seq_no_primary_term: true }),
    ...(pitId !== undefined && { pit: { id: pitId, keep_alive: KEEP_ALIVE } }),
    ...(after && { search_after: [...after] }),
  };
}

/** An empty list would mean everything. */
function partsOf(source: readonly string[]): JsonValue {
  return source.length > 0 ? [...source] : { excludes: ["*"] };
}

/**
 * Milliseconds for `date_nanos` too: nanoseconds do not fit into the numbers of JSON as JavaScript
 * reads them. An index of the pattern that lacks the field has nothing in the range.
 */
const ORDERS: Readonly<Record<"time" | "number", JsonObject>> = {
  time: { order: "asc", numeric_type: "date", unmapped_type: "date" },
  number: { order: "asc", unmapped_type: "long" },
};

/** In OpenSearch 2 an index that has no mapping at all has not even the field `_id`. */
const NAME_ORDER = { order: "asc", unmapped_type: "keyword" };
const TIES: Readonly<Record<TieBreak, readonly JsonObject[]>> = {
  shard_doc: [{ _shard_doc: "asc" }],
  id: [{ _index: NAME_ORDER }, { _id: NAME_ORDER }],
};

/** Sort values before those of every document of a time or number. */
export function startOf(first: number, tieBreak: TieBreak): SortValues {
  return tieBreak === "shard_doc" ? [first, -1] : [first, "", ""];
}

/** What came instead of hits, and what can be done about it. */
export type PageOutcome =
  | { readonly kind: "hits"; readonly hits: readonly PlacedHit[]; readonly pitId: string | null }
  | { readonly kind: "expired" | "too_long" | "no_shard_doc"; readonly answer: ClusterAnswer };

/**
 * Reads the answer. Throws for one that is not whole (a shard that failed, a time limit): the
 * documents that are not in it would be missing without a word.
 */
export function readPage(
  cluster: Cluster,
  answer: ClusterAnswer,
  { asked, selection }: { readonly asked: Asked; readonly selection: Selection },
): PageOutcome {
  if (answer.cut) return { kind: "too_long", answer };
  if (hasErrorType(answer, "search_context_missing_exception")) return { kind: "expired", answer };
  if (isWithoutShardDoc(answer)) return { kind: "no_shard_doc", answer };
  const { status, body } = answer;
  const outer = body?.["hits"];
  const hits = isJsonObject(outer) ? outer["hits"] : undefined;
  if (status !== 200 || !body || !Array.isArray(hits)) throw explainRefusal(cluster, answer, asked);
  checkWhole(cluster, body, asked);
  const placed = hits.map((hit) => placeHit(hit, selection) ?? unreadableHit(cluster, asked));
  const pitId = typeof body["pit_id"] === "string" ? body["pit_id"] : null;
  return { kind: "hits", hits: placed, pitId };
}

/** `No mapping found for [_shard_doc] in order to sort on`, from the cluster or from some shards. */
function isWithoutShardDoc({ body }: ClusterAnswer): boolean {
  return JSON.stringify([body?.["error"], body?.["_shards"]]).includes("[_shard_doc]");
}

function placeHit(value: JsonValue, { by, versions }: Selection): PlacedHit | undefined {
  if (!isJsonObject(value)) return undefined;
  const { _index, _id, _source, fields, sort } = value;
  if (typeof _index !== "string" || typeof _id !== "string") return undefined;
  if (!isJsonObject(_source) || !Array.isArray(sort)) return undefined;
  const [first, ...tie] = sort;
  const version = versions ? versionOf(value) : {};
  if (typeof first !== "number" || !version) return undefined;
  const time = by.kind === "time" ? first : Number.NaN;
  const hit = { _index, _id, _source, time, ...(isJsonObject(fields) && { fields }), ...version };
  return { hit, sort: [first, ...tie] };
}

function versionOf({ _seq_no: seqNo, _primary_term: primaryTerm }: JsonObject) {
  if (typeof seqNo !== "number" || typeof primaryTerm !== "number") return undefined;
  return { seqNo, primaryTerm };
}

function unreadableHit({ component }: Cluster, { doing }: Asked): never {
  throw fail("REQUEST_FAILED", {
    component,
    message: `${doing}: a hit has no _id, no _source, no version or nothing to sort by`,
    hint: "the index must keep _source, and the time field must be a date",
    data: { reason: "unexpected_answer" },
  });
}
