/**
 * The glance: one search without documents that says whether there is anything to read. Its numbers
 * are exact, for the cluster's client refuses an answer that lacks a shard.
 */
import type { ElasticCluster } from "../../elastic/cluster/cluster.ts";
import { fail } from "../../errors.ts";
import { memberOf, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import type { Sequence } from "./cursor.ts";
import { rangeFilter, type TrackWindow } from "./window.ts";

/** More indices with documents without a time than this are an error, not a part of the answer. */
const MOST_INDICES = 10_000;

export interface GlanceRequest {
  readonly index: string;
  readonly tracks: readonly TrackWindow[];
  /** Looks also for documents that lack a field. */
  readonly timeless: Timeless | null;
}

export interface Timeless {
  readonly without: string;
  readonly filter: readonly JsonObject[];
}

export interface TrackCounts {
  /** Documents between the beginning of the known region and the mark. */
  readonly known: number;
  /** Documents from the mark on. */
  readonly fresh: number;
}

export interface Glance {
  /** By track. */
  readonly tracks: ReadonlyMap<string, TrackCounts>;
  /** By index; only those that have documents without a time. */
  readonly sequences: ReadonlyMap<string, Sequence>;
}

/** Throws as the cluster does, and REQUEST_FAILED for an answer without the numbers. */
export async function glanceAt(
  cluster: ElasticCluster,
  request: GlanceRequest,
  signal?: AbortSignal,
): Promise<Glance> {
  const body = glanceBody(request);
  const answer = await cluster.search({ index: request.index, body, signal });
  return readGlance(answer, request, `cluster ${cluster.name}`);
}

/** The body of the search. The query leaves out what no number is about: that makes it cheap. */
export function glanceBody({ tracks, timeless }: GlanceRequest): JsonObject {
  const should = tracks.map(({ track, filters, from, to }) =>
    allOf([...filters, rangeFilter(track.field, from, to)]),
  );
  const aggs: JsonObject = {};
  for (const window of tracks) aggs[nameOf(window)] = countRegions(window);
  if (timeless) {
    should.push(lacks(timeless));
    aggs["timeless"] = countSequences(timeless);
  }
  const query = { bool: { should, minimum_should_match: 1 } };
  return { size: 0, track_total_hits: false, query, aggs };
}

const nameOf = ({ track }: TrackWindow) => `track_${track.name}`;
const allOf = (filter: JsonObject[]): JsonObject => ({ bool: { filter } });
const lacks = ({ without, filter }: Timeless): JsonObject => ({
  bool: { filter: [...filter], must_not: [{ exists: { field: without } }] },
});

/**
 * The statistics are there to be refused: a range of a field that is mapped as text or as a keyword finds
 * nothing without a word, and all would seem to be read.
 */
function countRegions({ track, filters, from, mark, to }: TrackWindow): JsonObject {
  const { field } = track;
  const times = { stats: { field } };
  const known = { filter: rangeFilter(field, from, mark) };
  const fresh = { filter: rangeFilter(field, mark, to), aggs: { times } };
  return { filter: allOf([...filters]), aggs: { known, fresh } };
}

function countSequences(timeless: Timeless): JsonObject {
  const terms = { field: "_index", size: MOST_INDICES };
  const indices = { terms, aggs: { numbers: { stats: { field: "_seq_no" } } } };
  return { filter: lacks(timeless), aggs: { indices } };
}

/** Reads the answer strictly: a number that is not there is not a zero. */
export function readGlance(answer: JsonObject, request: GlanceRequest, component: string): Glance {
  const unreadable = (): never => {
    throw fail("REQUEST_FAILED", {
      component,
      message: `counting in ${request.index}: the answer lacks a number that was asked for`,
      hint: "check that the URL leads to Elasticsearch or OpenSearch itself",
      data: { reason: "unexpected_answer" },
    });
  };
  const aggregations = answer["aggregations"];
  const tracks = request.tracks.map((window): [string, TrackCounts] => {
    const found = memberOf(aggregations, nameOf(window));
    const count = (name: string) => countAt(memberOf(found, name), "doc_count") ?? unreadable();
    return [window.track.name, { known: count("known"), fresh: count("fresh") }];
  });
  const sequences =
    request.timeless === null
      ? []
      : (readSequences(memberOf(memberOf(aggregations, "timeless"), "indices")) ?? unreadable());
  return { tracks: new Map(tracks), sequences: new Map(sequences) };
}

function readSequences(terms: JsonValue | undefined): [string, Sequence][] | undefined {
  const buckets = memberOf(terms, "buckets");
  if (!Array.isArray(buckets) || memberOf(terms, "sum_other_doc_count") !== 0) return undefined;
  const sequences: [string, Sequence][] = [];
  for (const bucket of buckets) {
    const [index, numbers] = [memberOf(bucket, "key"), memberOf(bucket, "numbers")];
    const [count, sum, last] = ["count", "sum", "max"].map((name) => countAt(numbers, name));
    if (typeof index !== "string" || count === undefined) return undefined;
    if (sum === undefined || last === undefined) return undefined;
    sequences.push([index, { count, sum, last }]);
  }
  return sequences;
}

function countAt(value: JsonValue | undefined, name: string): number | undefined {
  const count = memberOf(value, name);
  return typeof count === "number" && Number.isInteger(count) && count >= 0 ? count : undefined;
}
