/**
 * Reads the documents of a time range, oldest first, each once.
 *
 * A *view* is what pages are read from: a point in time, or, where there is none, the index as it
 * is at each page. The *place* is how far reading has come: the sort values of the last document.
 * A page is asked for with the place of the page before (`search_after`) until one is empty.
 *
 * When the cluster has forgotten the point in time, a new one is opened. Sort values of the old one
 * mean nothing there, so reading goes back to the first document of the last time seen and leaves
 * out those of that time that were given already; their names are kept for that. A new point in
 * time that is gone before its first page is an error. However reading ends, the point in time is
 * closed.
 */
import { fail } from "../../errors.ts";
import type { Cluster } from "./call.ts";
import {
  readPage,
  searchBody,
  type ElasticHit,
  type PageOutcome,
  type PlacedHit,
  type TieBreak,
} from "./page.ts";
import { createPlace, type Place } from "./place.ts";
import { closePointInTime, openPointInTime, type PointInTime } from "./point-in-time.ts";
import { explainRefusal, type Asked } from "./refusal.ts";

const DEFAULT_PAGE_SIZE = 1000;
/** `index.max_result_window` as clusters come; a larger page is refused. */
const LARGEST_PAGE = 10_000;

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
  readonly signal?: AbortSignal | undefined;
}

/**
 * Pages of documents, none of them empty. Throws NOT_FOUND for an index that is not there,
 * REQUEST_INVALID for a request that names none, CLUSTER_REFUSED and REQUEST_FAILED with `data.reason`.
 */
export async function* readRange(
  cluster: Cluster,
  request: RangeRequest,
): AsyncGenerator<readonly ElasticHit[], void, undefined> {
  const reading = await startReading(cluster, request);
  try {
    for (;;) {
      const hits = await nextPage(cluster, reading);
      if (hits.length === 0) return;
      const unseen = reading.place.pass(hits);
      if (unseen.length > 0) yield unseen;
    }
  } finally {
    if (reading.pit) await closePointInTime(cluster, reading.pit);
  }
}

interface Reading {
  readonly request: RangeRequest;
  readonly asked: Asked;
  readonly path: string;
  readonly place: Place;
  pit: PointInTime | null;
  /** Whether a page came from this point in time. */
  proven: boolean;
  tieBreak: TieBreak;
  size: number;
}

async function startReading(cluster: Cluster, request: RangeRequest): Promise<Reading> {
  const { index, signal, pageSize = DEFAULT_PAGE_SIZE } = request;
  const path = encodeIndex(cluster, index);
  const asked = { doing: `reading ${index}`, privilege: `read on ${index}` };
  const pit = await openPointInTime(cluster, path, asked, signal);
  const size = Math.min(Math.max(1, pageSize), LARGEST_PAGE);
  const tieBreak = pit ? "shard_doc" : "id";
  return { request, asked, path, place: createPlace(), pit, proven: false, tieBreak, size };
}

/** Asks until hits come, each time with what the answer before has taught. */
async function nextPage(cluster: Cluster, reading: Reading): Promise<readonly PlacedHit[]> {
  for (;;) {
    const page = await askForPage(cluster, reading);
    if (page.kind === "hits") {
      reading.proven = true;
      if (reading.pit && page.pitId !== null) reading.pit = { ...reading.pit, id: page.pitId };
      return page.hits;
    }
    if (page.kind === "expired" && reading.pit && reading.proven) await reopen(cluster, reading);
    else if (page.kind === "no_shard_doc" && reading.tieBreak !== "id") sortById(reading);
    else if (page.kind === "too_long" && reading.size > 1)
      reading.size = Math.ceil(reading.size / 2);
    else if (page.kind === "too_long") throw documentTooLong(cluster, reading.asked);
    else throw explainRefusal(cluster, page.answer, reading.asked);
  }
}

async function askForPage(cluster: Cluster, reading: Reading): Promise<PageOutcome> {
  const { request, pit, path, asked, place, tieBreak, size } = reading;
  const { since, until, timeField = "@timestamp", fields, signal } = request;
  const answer = await cluster.call({
    method: "POST",
    path: pit ? "/_search" : `/${path}/_search`,
    body: searchBody({
      since,
      until,
      timeField,
      fields,
      size,
      tieBreak,
      pitId: pit?.id,
      after: place.after(),
    }),
    signal,
  });
  return readPage(cluster, answer, asked);
}

async function reopen(cluster: Cluster, reading: Reading): Promise<void> {
  const { path, asked, request, place, tieBreak } = reading;
  reading.pit = await openPointInTime(cluster, path, asked, request.signal);
  reading.proven = false;
  if (reading.pit) place.goBack(tieBreak);
  else sortById(reading);
}

function sortById(reading: Reading): void {
  reading.tieBreak = "id";
  reading.place.goBack("id");
}

/** The index as a part of a path. Dots alone would make another path of it. */
function encodeIndex({ component }: Cluster, index: string): string {
  if (!/^\.{0,2}$/.test(index.trim())) return encodeURIComponent(index.trim());
  throw fail("REQUEST_INVALID", {
    component,
    message: `"${index}" is not an index`,
    hint: "write it like .alerts-security.alerts-default or logs-*",
  });
}

function documentTooLong({ component }: Cluster, { doing }: Asked) {
  return fail("REQUEST_FAILED", {
    component,
    message: `${doing}: one document is longer than an answer may be`,
    hint: "leave its index out, or end the range before it",
    data: { reason: "unexpected_answer" },
  });
}
