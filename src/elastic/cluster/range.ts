/** The documents of a range of time, and those without a time by the number that an index gave them. */
import type { JsonObject } from "../../receipt/json.ts";
import type { Cluster } from "./call.ts";
import type { ElasticHit } from "./page.ts";
import { readPages } from "./reading.ts";

export interface RangeRequest {
  /** An index, an alias, a data stream, or several with commas and `*`. */
  readonly index: string;
  /** Epoch milliseconds, inside the range. */
  readonly since: number;
  /** Epoch milliseconds, outside the range: ranges side by side share no document. */
  readonly until: number;
  /** Documents for each page, at most 10,000; default 1,000. */
  readonly pageSize?: number | undefined;
  /** A date field; default `@timestamp`. */
  readonly timeField?: string | undefined;
  /** Also gives these fields of each document, as the index understands them. */
  readonly fields?: readonly string[] | undefined;
  /** More conditions, in the cluster's query language. */
  readonly filter?: readonly JsonObject[] | undefined;
  /** The parts of `_source` to give; all of it without. */
  readonly source?: readonly string[] | undefined;
  /** Also gives the number and the term of each document, for deleting what was read. */
  readonly versions?: boolean | undefined;
  /** What becomes of a document that no answer can hold: an error, or a hit that is `cut`. */
  readonly tooLong?: "error" | "empty" | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SequenceRequest {
  /** One index, no pattern: the numbers of several have nothing to do with each other. */
  readonly index: string;
  /** Only documents of a higher number; -1 for all. */
  readonly after: number;
  /** Documents that have this field are left out. */
  readonly without: string;
  /** More conditions, in the cluster's query language. */
  readonly filter?: readonly JsonObject[] | undefined;
  /** The parts of `_source` to give; all of it without. */
  readonly source?: readonly string[] | undefined;
  readonly pageSize?: number | undefined;
  /** What becomes of a document that no answer can hold: an error, or a hit that is `cut`. */
  readonly tooLong?: "error" | "empty" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Every index has it; it grows with each write, in each shard by itself. */
const NUMBER = "_seq_no";

/** Pages of the documents of a range; see `readPages`. */
export function readRange(
  cluster: Cluster,
  request: RangeRequest,
): AsyncGenerator<readonly ElasticHit[], void, undefined> {
  const { index, since, until, timeField = "@timestamp", filter = [] } = request;
  const { fields, source, versions, pageSize, tooLong, signal } = request;
  const range = { range: { [timeField]: { gte: since, lt: until, format: "epoch_millis" } } };
  const by = { kind: "time", field: timeField } as const;
  const selection = { filter: [range, ...filter], by, fields, source, versions };
  return readPages(cluster, { index, selection, pageSize, tooLong, signal });
}

/** Pages of documents without a field, with their versions; see `readPages`. */
export function readSequence(
  cluster: Cluster,
  request: SequenceRequest,
): AsyncGenerator<readonly ElasticHit[], void, undefined> {
  const { index, after, without, filter = [], source, pageSize, tooLong, signal } = request;
  const range = { range: { [NUMBER]: { gt: after } } };
  const timeless = { bool: { must_not: [{ exists: { field: without } }] } };
  const by = { kind: "number", field: NUMBER } as const;
  const selection = { filter: [range, timeless, ...filter], by, source, versions: true };
  return readPages(cluster, { index, selection, pageSize, tooLong, signal });
}
