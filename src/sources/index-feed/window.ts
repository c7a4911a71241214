/** Which times a poll looks at. */
import type { JsonObject } from "../../receipt/json.ts";
import type { Cursor } from "./cursor.ts";
import { BUCKET, edgeBefore } from "./histogram.ts";
import type { IndexFeedSettings, Track } from "./settings.ts";

const DAY = 86_400_000;
/** Of documents that were created longer ago no changes are followed. */
const LONGEST_FOLLOWED = 30 * DAY;
/** A clock that goes wrong for a moment must not lead to reading years again. */
const FURTHEST_BACK = DAY;

/** The times of one track, all of them edges of buckets: the known region, then the fresh one. */
export interface TrackWindow {
  readonly track: Track;
  /** All conditions but those on the track's time. */
  readonly filters: readonly JsonObject[];
  /** Where the known region begins. */
  readonly from: number;
  /** Where it ends: what came before and could be seen was read. */
  readonly mark: number;
  readonly to: number;
}

export interface PollWindow {
  /** Epoch milliseconds; what is younger waits for the next poll. */
  readonly to: number;
  /** How far before the mark late documents are looked for. */
  readonly reach: number;
  /** Marks of all tracks, none behind `to` when the clock was set back. */
  readonly marks: Readonly<Record<string, number>>;
  readonly tracks: readonly TrackWindow[];
}

/** A bucket more than the overlap: a mark stands up to that far behind the last document. */
export function reachOf({ overlap }: Pick<IndexFeedSettings, "overlap">): number {
  return Math.ceil(overlap / BUCKET) * BUCKET + BUCKET;
}

/** The windows of a poll that begins now. */
export function windowOf(settings: IndexFeedSettings, cursor: Cursor, now: number): PollWindow {
  const to = edgeBefore(now - settings.settle);
  const reach = reachOf(settings);
  const first = edgeBefore(cursor.origin) - reach;
  const marks: Record<string, number> = {};
  const tracks = settings.tracks.map((track): TrackWindow => {
    const mark = markOf(cursor, track, to);
    marks[track.name] = mark;
    const filters = [...filtersOf(settings, track, first, now)];
    return { track, filters, ...regionsOf(settings, { mark, to, reach, first }) };
  });
  return { to, reach, marks, tracks };
}

/** When the clock was set back the mark follows it, a day for each poll at most. */
function markOf({ marks, origin }: Cursor, { name }: Track, to: number): number {
  const stored = marks[name] ?? origin;
  return edgeBefore(Math.max(Math.min(stored, to), stored - FURTHEST_BACK));
}

interface Times {
  readonly mark: number;
  readonly to: number;
  readonly reach: number;
  readonly first: number;
}

/** Where documents are deleted nothing is known: what is there is what was not taken yet. */
function regionsOf({ consume }: IndexFeedSettings, { mark, to, reach, first }: Times) {
  if (consume === "delete") return { from: first, mark: first, to: Math.max(first, to) };
  const from = Math.max(mark - reach, first);
  const known = Math.max(mark, from);
  return { from, mark: known, to: Math.max(known, to) };
}

function filtersOf(settings: IndexFeedSettings, track: Track, first: number, now: number) {
  const filters = [...settings.filter, ...(track.filter ?? [])];
  const created = settings.tracks[0]?.field;
  if (track.since === undefined || created === undefined) return filters;
  // Whole days: with each step old documents leave the known region, and it is read again.
  const oldest = Math.floor((now - LONGEST_FOLLOWED) / DAY) * DAY;
  return [...filters, rangeFilter(created, Math.max(first, oldest))];
}

/** Documents whose time is in `[since, until)`, epoch milliseconds. */
export function rangeFilter(field: string, since: number, until?: number): JsonObject {
  const end = until === undefined ? {} : { lt: until };
  return { range: { [field]: { gte: since, ...end, format: "epoch_millis" } } };
}
