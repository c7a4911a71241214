/** Reads what was planned, page after page. */
import type { ElasticCluster, ElasticHit } from "../../elastic/cluster/cluster.ts";
import type { FeedItem, FeedPage } from "../feed.ts";
import { deleteHits } from "./consume.ts";
import type { Sequence } from "./cursor.ts";
import { edgeAfter, startTally, type Seen } from "./histogram.ts";
import { itemOf, timeIn } from "./item.ts";
import { addNumber, isSame, NO_SEQUENCE, type SequencePlan } from "./plan.ts";
import { moveMark, pageOf, type Progress } from "./progress.ts";
import type { IndexFeedSettings } from "./settings.ts";
import type { TrackWindow } from "./window.ts";

/** What the pages of one poll have in common. */
export interface Poll {
  readonly settings: IndexFeedSettings;
  readonly cluster: ElasticCluster;
  readonly progress: Progress;
  /** The field that says when a document was created. */
  readonly created: string;
  readonly reach: number;
  /** What was seen of each track; one that is being read, or was read in part, is not there. */
  readonly memory: Map<string, Seen>;
  readonly signal: AbortSignal | undefined;
}

export interface TrackReading {
  readonly window: TrackWindow;
  readonly since: number;
  /** Of the region before that. */
  readonly seen: Seen;
}

/** Reads a track to the end of its window; the mark then stands behind its last document. */
export async function* readTrack(
  poll: Poll,
  { window, since, seen }: TrackReading,
): AsyncGenerator<FeedPage, void, undefined> {
  const { progress, memory, reach } = poll;
  const { track, to } = window;
  memory.delete(track.name);
  const tally = startTally(seen);
  let last: number | undefined;
  for await (const hits of hitsOf(poll, window, since)) {
    for (const { time } of hits) tally.add((last = time));
    if (last === undefined) continue;
    tally.forget(last - reach);
    moveMark(progress, track.name, last);
    progress.reached.set(track.name, last);
    yield pageOfHits(poll, hits, (hit) => createdAt(poll, window, hit));
  }
  if (last !== undefined) moveMark(progress, track.name, Math.min(edgeAfter(last), to));
  progress.reached.set(track.name, to);
  memory.set(track.name, tally.finish(to));
}

function hitsOf(
  { settings, cluster, signal }: Poll,
  { track, filters, to }: TrackWindow,
  since: number,
) {
  return cluster.readRange({
    index: settings.index,
    since,
    until: to,
    pageSize: settings.size,
    timeField: track.field,
    filter: filters,
    versions: settings.consume === "delete",
    tooLong: "empty",
    signal,
  });
}

function createdAt({ created }: Poll, { track }: TrackWindow, hit: ElasticHit): number | null {
  return track.field === created ? hit.time : timeIn(hit, created);
}

/**
 * Reads the documents without a time that an index took in since; all of them when those do not make
 * up the numbers of the glance. Numbers of several shards interleave, so a new one may be a low one.
 */
export async function* readSequence(
  poll: Poll,
  plan: SequencePlan,
): AsyncGenerator<FeedPage, void, undefined> {
  const reached = yield* readNumbers(poll, plan);
  if (plan.from === NO_SEQUENCE || isSame(reached, plan.target)) return;
  yield* readNumbers(poll, { ...plan, from: NO_SEQUENCE });
}

/** Answers what was read up to the glance's last number; what came after it is the next poll's. */
async function* readNumbers(
  poll: Poll,
  { index, from, target }: SequencePlan,
): AsyncGenerator<FeedPage, Sequence, undefined> {
  const { settings, cluster, created, signal } = poll;
  const { filter, size: pageSize } = settings;
  const tooLong = "empty" as const;
  const parts = { without: created, filter, pageSize, tooLong, signal };
  let read = from;
  let reached = from;
  for await (const hits of cluster.readSequence({ index, after: from.last, ...parts })) {
    for (const { seqNo = NO_SEQUENCE.last } of hits) {
      read = addNumber(read, seqNo);
      if (seqNo <= target.last) reached = addNumber(reached, seqNo);
    }
    remember(poll, index, read);
    yield pageOfHits(poll, hits, () => null);
  }
  remember(poll, index, read);
  return reached;
}

function remember({ settings, progress }: Poll, index: string, read: Sequence): void {
  if (settings.consume === "keep") progress.sequences.set(index, read);
}

function pageOfHits(
  { settings, cluster, progress, signal }: Poll,
  hits: readonly ElasticHit[],
  at: (hit: ElasticHit) => number | null,
): FeedPage {
  const items = hits.map((hit): FeedItem => itemOf(hit, at(hit)));
  if (settings.consume === "keep") return pageOf(progress, items);
  return pageOf(progress, items, () => deleteHits(cluster, hits, signal));
}
