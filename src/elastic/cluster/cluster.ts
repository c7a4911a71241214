/** A cluster of Elasticsearch (7.10 to 9) or OpenSearch (2, 3): about ten typed calls. */
import type { Http } from "../../net/http.ts";
import type { JsonObject } from "../../receipt/json.ts";
import { createCluster } from "./call.ts";
import { rememberInfo, type ClusterInfo } from "./info.ts";
import { readKept, writeKept, type KeptKind } from "./kept.ts";
import type { ElasticHit } from "./page.ts";
import { readRange, readSequence, type RangeRequest, type SequenceRequest } from "./range.ts";
import {
  readLicense,
  readPrivileges,
  type GrantedPrivileges,
  type WantedPrivileges,
} from "./rights.ts";
import {
  count,
  fieldTypes,
  listIndices,
  search,
  type CountRequest,
  type IndexSummary,
  type SearchRequest,
} from "./search.ts";
import type { ClusterSettings } from "./settings.ts";
import {
  bulk,
  index,
  type BulkOperation,
  type BulkVerdict,
  type IndexRequest,
  type StoredDocument,
  type WriteOptions,
} from "./write.ts";

export type { ClusterInfo } from "./info.ts";
export type { KeptKind } from "./kept.ts";
export type { ElasticHit } from "./page.ts";
export type { RangeRequest, SequenceRequest } from "./range.ts";
export type { GrantedPrivileges, WantedPrivileges } from "./rights.ts";
export type { CountRequest, IndexSummary, SearchRequest } from "./search.ts";
export type {
  BulkOperation,
  BulkVerdict,
  IndexRequest,
  StoredDocument,
  WriteOptions,
} from "./write.ts";

/**
 * Every call throws NOT_FOUND for an index that is not there, CLUSTER_REFUSED where asking again comes
 * to the same, REQUEST_FAILED (with `data.reason`) where it may not; never with a secret.
 */
export interface ElasticCluster {
  /** As in the configuration. */
  readonly name: string;
  /** What answers there; remembered once it is known. `describeSupport` says what is not supported. */
  info(signal?: AbortSignal): Promise<ClusterInfo>;
  /**
   * The documents of a range, oldest first, each once, in pages that are never empty. What the
   * cluster keeps for it is given back when the loop over it ends, early or not.
   */
  readRange(request: RangeRequest): AsyncIterable<readonly ElasticHit[]>;
  /**
   * The documents without a time, in the order in which an index took them in (`_seq_no`), after a
   * number; in pages that are never empty. Hits carry their version and have no time. Each shard of
   * an index counts by itself: what has come to one may have a lower number than what is known of
   * another.
   */
  readSequence(request: SequenceRequest): AsyncIterable<readonly ElasticHit[]>;
  /**
   * A search as it is written, its whole answer. An answer that lacks a shard or ran out of time is
   * a REQUEST_FAILED: what is missing from it would be missing without a word.
   */
  search(request: SearchRequest): Promise<JsonObject>;
  count(request: CountRequest): Promise<number>;
  /**
   * One verdict for each operation, in their order. After a broken connection it is sent again when
   * every operation names its document; what the first sending did has a verdict of 409 or 404 then.
   */
  bulk(
    operations: readonly BulkOperation[],
    options?: WriteOptions,
  ): Promise<readonly BulkVerdict[]>;
  /** Stores one document; answers where it is. Without an id the cluster makes one. */
  index(request: IndexRequest, options?: WriteOptions): Promise<StoredDocument>;
  /** Indices behind a pattern, an alias or a data stream; none when nothing fits. */
  listIndices(pattern: string, signal?: AbortSignal): Promise<readonly IndexSummary[]>;
  /**
   * How fields are mapped, by field and type; fields that no index has are left out. Parents of fields
   * may be among them, with the type `object`.
   */
  fieldTypes(
    index: string,
    fields: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  /** `basic`, `trial`, `gold` …; null where there are none (OpenSearch) or it is not told. */
  license(signal?: AbortSignal): Promise<string | null>;
  /**
   * The answer about something that the cluster keeps under a name; null when it is not there, undefined
   * where the cluster has nothing of the kind (OpenSearch no lifecycle policies).
   */
  readKept(
    kind: KeptKind,
    name: string,
    signal?: AbortSignal,
  ): Promise<JsonObject | null | undefined>;
  /** Puts it there, or replaces it. */
  writeKept(kind: KeptKind, name: string, body: JsonObject, signal?: AbortSignal): Promise<void>;
  /** What the credentials may do of what is wanted; null where the cluster has no security. */
  privileges(wanted: WantedPrivileges, signal?: AbortSignal): Promise<GrantedPrivileges | null>;
}

export interface ClusterParts {
  /** As in the configuration; errors name it. */
  readonly name: string;
  /** As `openClusterHttp` makes it; whoever made it closes it. */
  readonly http: Http;
}

/** Binds the settings to a client; nothing is sent before the first call. */
export function openCluster(
  settings: ClusterSettings,
  { name, http }: ClusterParts,
): ElasticCluster {
  const cluster = createCluster(settings, name, http);
  return {
    name,
    info: rememberInfo(cluster),
    readRange: (request) => readRange(cluster, request),
    readSequence: (request) => readSequence(cluster, request),
    search: (request) => search(cluster, request),
    count: (request) => count(cluster, request),
    bulk: (operations, options) => bulk(cluster, operations, options),
    index: (request, options) => index(cluster, request, options),
    listIndices: (pattern, signal) => listIndices(cluster, pattern, signal),
    fieldTypes: (pattern, fields, signal) => fieldTypes(cluster, pattern, fields, signal),
    license: (signal) => readLicense(cluster, signal),
    readKept: (kind, name, signal) => readKept(cluster, kind, name, signal),
    writeKept: (kind, name, body, signal) => writeKept(cluster, kind, name, body, signal),
    privileges: (wanted, signal) => readPrivileges(cluster, wanted, signal),
  };
}
