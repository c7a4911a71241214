/**
 * A feed over indices.
 *
 * Terms. A *track* is one time field that is read in order. Its *mark* stands behind the last document
 * read: what came before it and could be seen was read. The *known region* is the overlap before the
 * mark, where late documents are looked for; the *fresh region* lies between the mark and `to`, which
 * is now less `settle`. Edges of regions are multiples of 100 ms. The *origin* is where the first poll
 * began; nothing is read from before it, less the overlap. A *sequence* is what was read of the
 * documents of one index that have no time, by their numbers.
 *
 * A poll. Without a cursor it begins with a page that carries only the origin, so that it stays where
 * it is however often the first reading fails. A *glance* (one search without documents) counts both
 * regions of all tracks and the numbers of all sequences. Then only what differs from what is
 * remembered is read, and a page without items ends the poll. An idle poll is the glance.
 *
 * What a track remembers is *exact* or *unknown*. It is unknown at the start; it becomes unknown when
 * reading begins and exact when reading has come to its end, so a poll that was aborted, or that
 * nobody took to its end, leaves it unknown. Unknown and documents in the known region, or exact and
 * another number of them: the known region is read again with the fresh one. What is remembered is
 * what was read and not what the glance counted, so whatever comes between the two is found next.
 *
 * A mark follows documents and not the clock: a clock that is ahead does not lead past documents that
 * are yet to come, and while nothing comes nothing can be late. Where the clock was set back and the
 * last document lies in what is the future now, the mark goes back with it. An origin that is yet to
 * come is an error unless it was asked for: the clock was ahead when reading began.
 *
 * Documents that are consumed are deleted in the state in which they were read; then nothing is
 * remembered, and every poll reads what is left from the origin on.
 *
 * What polling cannot find, and comparing (`range`) does: documents that are visible later than the
 * overlap allows, and a late document when between two glances another one left the known region.
 */
import { fail } from "../../errors.ts";
import type { Feed, FeedContext, FeedPage } from "../feed.ts";
import { beginCursor, readCursor, writeCursor, type Cursor } from "./cursor.ts";
import { glanceAt, type Glance } from "./glance.ts";
import { planSequences, planTrack } from "./plan.ts";
import { pageOf, startProgress } from "./progress.ts";
import { readAll } from "./range.ts";
import { readSequence, readTrack, type Poll, type TrackReading } from "./read.ts";
import type { IndexFeedSettings } from "./settings.ts";
import { reachOf, windowOf, type PollWindow, type TrackWindow } from "./window.ts";

export type { IndexFeedSettings } from "./settings.ts";

/**
 * Opens a feed; nothing is sent before the first poll. One poll at a time. A cursor that is not of
 * this feed counts as none. Throws CONFIG_INVALID for a cluster that is not there.
 */
export function openIndexFeed(settings: IndexFeedSettings, context: FeedContext): Feed {
  const feed: OpenFeed = {
    settings,
    cluster: context.cluster(settings.cluster),
    created: createdField(settings, context),
    memory: new Map(),
    name: context.name,
    now: () => context.now(),
  };
  return {
    poll: (cursor, signal) => pollFeed(feed, cursor, signal),
    range: (request) => readAll(feed, request),
    originOf: (cursor) => (readCursor(cursor) ?? begin(feed)).origin - reachOf(settings),
  };
}

interface OpenFeed extends Pick<Poll, "settings" | "cluster" | "created" | "memory"> {
  /** Of the source. */
  readonly name: string;
  now(): number;
}

function createdField({ tracks }: IndexFeedSettings, { name }: FeedContext): string {
  const field = tracks[0]?.field;
  if (field !== undefined) return field;
  throw fail("INTERNAL", { component: `source ${name}`, message: "a feed needs a track" });
}

function begin({ settings, now }: OpenFeed): Cursor {
  return beginCursor(settings.startTime, now());
}

async function* pollFeed(
  feed: OpenFeed,
  stored: string | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<FeedPage, void, undefined> {
  const known = stored === null ? null : readCursor(stored);
  const cursor = known ?? begin(feed);
  if (!known) yield firstPage(feed, cursor);
  const window = windowOf(feed.settings, cursor, feed.now());
  checkClock(feed, cursor, window);
  const glance = await look(feed, window, signal);
  const progress = startProgress(stillThere(feed, cursor, glance), window);
  yield* readPlanned({ ...feed, progress, reach: window.reach, signal }, window, glance);
  yield pageOf(progress, []);
}

function firstPage({ settings }: OpenFeed, cursor: Cursor): FeedPage {
  const readTo = cursor.origin - reachOf(settings);
  return { items: [], cursor: writeCursor(cursor), readTo };
}

/**
 * Nothing can be read where the origin is yet to come. That may be asked for; otherwise the clock is
 * wrong, or was when reading began, and to say that all is read would hide it.
 */
function checkClock({ settings, name }: OpenFeed, { origin }: Cursor, { to, reach }: PollWindow) {
  if (to >= origin - reach || settings.startTime?.kind === "at") return;
  throw fail("REQUEST_FAILED", {
    component: `source ${name}`,
    message: `reading began at ${new Date(origin).toISOString()}, which is yet to come`,
    hint: "correct the clock; if it is right now, give the source another name to begin anew",
    data: { reason: "clock" },
  });
}

async function look(
  { settings, cluster, created }: OpenFeed,
  { tracks }: PollWindow,
  signal: AbortSignal | undefined,
): Promise<Glance> {
  const { index, filter } = settings;
  const timeless = settings.timeless ? { without: created, filter } : null;
  return await glanceAt(cluster, { index, tracks, timeless }, signal);
}

/** An index that is gone, and comes again under its name, is read from its beginning. */
function stillThere({ settings }: OpenFeed, cursor: Cursor, { sequences }: Glance): Cursor {
  const entries = Object.entries(cursor.sequences).filter(([index]) => sequences.has(index));
  return { ...cursor, sequences: settings.consume === "keep" ? Object.fromEntries(entries) : {} };
}

async function* readPlanned(
  poll: Poll,
  { tracks }: PollWindow,
  glance: Glance,
): AsyncGenerator<FeedPage, void, undefined> {
  const readings = tracks.map((window) => planFor(poll, window, glance));
  const sequences = Object.fromEntries(poll.progress.sequences);
  for (const plan of planSequences(sequences, glance.sequences)) yield* readSequence(poll, plan);
  for (const reading of readings) if (reading) yield* readTrack(poll, reading);
}

/** What to read of a track; undefined when there is nothing, and that is remembered. */
function planFor(poll: Poll, window: TrackWindow, glance: Glance): TrackReading | undefined {
  const { name } = window.track;
  const counts = glance.tracks.get(name) ?? { known: 0, fresh: 0 };
  const { since, seen } = planTrack(window, counts, poll.memory.get(name) ?? null);
  if (since === null) {
    poll.memory.set(name, seen);
    return undefined;
  }
  poll.progress.reached.set(name, since);
  return { window, since, seen };
}
