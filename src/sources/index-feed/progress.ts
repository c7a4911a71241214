/** How far one poll has come, and the pages that say so. */
import type { FeedItem, FeedPage } from "../feed.ts";
import { writeCursor, type Cursor, type Sequence } from "./cursor.ts";
import type { PollWindow } from "./window.ts";

export interface Progress {
  readonly origin: number;
  readonly to: number;
  /** By track; only ever moved on. */
  readonly marks: Map<string, number>;
  /** By track, how far this poll has read it; a track with nothing to read has been read to the end. */
  readonly reached: Map<string, number>;
  /** By index. */
  readonly sequences: Map<string, Sequence>;
}

export function startProgress(
  { origin, sequences }: Cursor,
  { to, marks }: Pick<PollWindow, "to" | "marks">,
): Progress {
  return {
    origin,
    to,
    marks: new Map(Object.entries(marks)),
    reached: new Map(),
    sequences: new Map(Object.entries(sequences)),
  };
}

/** Everything of a track before this time was read. */
export function moveMark({ marks }: Progress, track: string, time: number): void {
  marks.set(track, Math.max(marks.get(track) ?? time, time));
}

/** A page that carries all that was read until now. */
export function pageOf(
  { origin, to, marks, reached, sequences }: Progress,
  items: readonly FeedItem[],
  settle?: () => Promise<void>,
): FeedPage {
  const cursor = writeCursor({
    origin,
    marks: Object.fromEntries(marks),
    sequences: Object.fromEntries(sequences),
  });
  return { items, cursor, readTo: Math.min(to, ...reached.values()), ...(settle && { settle }) };
}
