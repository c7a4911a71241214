/**
 * Reads documents in an order, each once: by their time, or by the number under which an index took them
 * in.
 *
 * A *view* is what pages are read from: a point in time, or, where there is none, the index as it
 * is at each page. The *place* is how far reading has come: the sort values of the last document.
 * A page is asked for with the place of the page before (`search_after`) until one is empty.
 *
 * When the cluster has forgotten the point in time, a new one is opened. Sort values of the old one
 * mean nothing there, so reading goes back to the first document of the last time (or number) seen and
 * leaves out those of it that were given already; their names are kept for that. A new point in
 * time that is gone before its first page is an error. However reading ends, the point in time is
 * closed.
 *
 * A page that is longer than an answer may be is asked for again with half as many documents, and the
 * pages after it grow again. What is too long alone is asked for without its content, or is an error.
 */
import { fail } from "../../errors.ts";
import type { Cluster } from "./call.ts";
import {
  readPage,
  searchBody,
  type ElasticHit,
  type PageOutcome,
  type PlacedHit,
  type Selection,
  type TieBreak,
} from "./page.ts";
import { encodeIndex } from "./path.ts";
import { createPlace, type Place } from "./place.ts";
import { closePointInTime, openPointInTime, type PointInTime } from "./point-in-time.ts";
import { explainRefusal, type Asked } from "./refusal.ts";

const DEFAULT_PAGE_SIZE = 1000;
/** `index.max_result_window` as clusters come; a larger page is refused. */
const LARGEST_PAGE = 10_000;

export interface ReadRequest {
  readonly index: string;
  readonly selection: Selection;
  readonly pageSize?: number | undefined;
  readonly tooLong?: "error" | "empty" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Pages of documents, none of them empty. Throws NOT_FOUND for an index that is not there,
 * REQUEST_INVALID for a request that names none, CLUSTER_REFUSED and REQUEST_FAILED with `data.reason`.
 */
export async function* readPages(
  cluster: Cluster,
  request: ReadRequest,
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
    if (reading.pit) await closePointInTime(cluster, reading.pit, request.signal);
  }
}

interface Reading {
  readonly request: ReadRequest;
  readonly asked: Asked;
  readonly path: string;
  readonly place: Place;
  pit: PointInTime | null;
  /** Whether a page came from this point in time. */
  proven: boolean;
  tieBreak: TieBreak;
  size: number;
  readonly largest: number;
  /** Whether the next page is asked for without content. */
  empty: boolean;
}

async function startReading(cluster: Cluster, request: ReadRequest): Promise<Reading> {
  const { index, signal, pageSize = DEFAULT_PAGE_SIZE } = request;
  const path = encodeIndex(cluster.component, index);
  const asked = { doing: `reading ${index}`, privilege: `read on ${index}` };
  const pit = await openPointInTime(cluster, path, asked, signal);
  const largest = Math.min(Math.max(1, pageSize), LARGEST_PAGE);
  const tieBreak = pit ? "shard_doc" : "id";
  const begin = { place: createPlace(), proven: false, size: largest, largest, empty: false };
  return { request, asked, path, pit, tieBreak, ...begin };
}

/** Asks until hits come, each time with what the answer before has taught. */
async function nextPage(cluster: Cluster, reading: Reading): Promise<readonly PlacedHit[]> {
  for (;;) {
    const page = await askForPage(cluster, reading);
    if (page.kind === "hits") {
      if (reading.pit && page.pitId !== null) reading.pit = { ...reading.pit, id: page.pitId };
      return accept(reading, page.hits);
    }
    if (page.kind === "expired" && reading.pit && reading.proven) await reopen(cluster, reading);
    else if (page.kind === "no_shard_doc" && reading.tieBreak !== "id") sortById(reading);
    else if (page.kind === "too_long" && reading.size > 1)
      reading.size = Math.ceil(reading.size / 2);
    else if (page.kind === "too_long" && isEmptyWanted(reading)) reading.empty = true;
    else if (page.kind === "too_long") throw documentTooLong(cluster, reading.asked);
    else throw explainRefusal(cluster, page.answer, reading.asked);
  }
}

/** Slowly: a page that is too long again is read for nothing. */
const GROWTH = 1.25;

function accept(reading: Reading, hits: readonly PlacedHit[]): readonly PlacedHit[] {
  const isCut = reading.empty;
  reading.proven = true;
  reading.empty = false;
  reading.size = Math.min(reading.largest, Math.ceil(reading.size * GROWTH));
  return isCut ? hits.map(({ hit, sort }) => ({ hit: { ...hit, cut: true }, sort })) : hits;
}

function isEmptyWanted({ request, empty }: Reading): boolean {
  return request.tooLong === "empty" && !empty;
}

async function askForPage(cluster: Cluster, reading: Reading): Promise<PageOutcome> {
  const { request, pit, path, asked, place, tieBreak, size, empty } = reading;
  const { signal } = request;
  const selection = empty ? { ...request.selection, source: [] } : request.selection;
  const answer = await cluster.call({
    method: "POST",
    path: pit ? "/_search" : `/${path}/_search`,
    body: searchBody({ selection, size, tieBreak, pitId: pit?.id, after: place.after() }),
    signal,
  });
  return readPage(cluster, answer, { asked, selection });
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

function documentTooLong({ component }: Cluster, { doing }: Asked) {
  return fail("REQUEST_FAILED", {
    component,
    message: `${doing}: one document is longer than an answer may be`,
    hint: "leave its index out, or end the range before it",
    data: { reason: "unexpected_answer" },
  });
}
