/**
 * How many documents of a track were seen, by their times. Times are counted in buckets, so that the
 * number for a region between edges of buckets is exact; a region that was not looked at as a whole
 * has no number.
 */

/** Width of a bucket in milliseconds. */
export const BUCKET = 100;

/** The edge at or before a time. */
export function edgeBefore(time: number): number {
  return Math.floor(time / BUCKET) * BUCKET;
}

/** The edge behind a time. */
export function edgeAfter(time: number): number {
  return edgeBefore(time) + BUCKET;
}

/** What was seen of `[from, until)`, both edges. */
export interface Seen {
  readonly from: number;
  readonly until: number;
  /** By the first moment of a bucket. */
  readonly counts: ReadonlyMap<number, number>;
}

/** A region in which there was no document. */
export function nothingSeen(from: number, until: number): Seen {
  return { from, until, counts: new Map() };
}

/** How many documents were seen in `[from, until)`; null when not all of it was looked at. */
export function countSeen(seen: Seen | null, from: number, until: number): number | null {
  if (!seen || from < seen.from || until > seen.until) return null;
  let count = 0;
  for (const [bucket, each] of seen.counts) if (bucket >= from && bucket < until) count += each;
  return count;
}

/** The part of it before a time; what stands there counts no more when it is read again. */
export function seenBefore(seen: Seen, until: number): Seen {
  const counts = new Map([...seen.counts].filter(([bucket]) => bucket < until));
  return { from: Math.min(seen.from, until), until: Math.min(seen.until, until), counts };
}

/** Counts documents that are read from the end of what was seen before. */
export interface Tally {
  add(time: number): void;
  /** Drops what is older, so that a long reading needs no more memory than a short one. */
  forget(before: number): void;
  /** When all up to this time was read. */
  finish(until: number): Seen;
}

export function startTally(before: Seen): Tally {
  const counts = new Map(before.counts);
  let { from } = before;
  return {
    add(time) {
      const bucket = edgeBefore(time);
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    },
    forget(limit) {
      from = Math.max(from, edgeBefore(limit));
      for (const bucket of counts.keys()) if (bucket < from) counts.delete(bucket);
    },
    finish: (until) => ({ from, until, counts }),
  };
}
