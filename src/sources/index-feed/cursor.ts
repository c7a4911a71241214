/** The cursor of a feed over indices: how far each track and each sequence was read. */
import { z } from "zod";
import type { StartTime } from "./settings.ts";

/** The documents without a time of one index that were read, by their numbers (`_seq_no`). */
export interface Sequence {
  readonly count: number;
  readonly sum: number;
  /** The highest number; -1 before the first. */
  readonly last: number;
}

export interface Cursor {
  /** Epoch milliseconds: what is older than this, less the overlap, is never read. */
  readonly origin: number;
  /** By track, epoch milliseconds; a track that is not there has not been read yet. */
  readonly marks: Readonly<Record<string, number>>;
  /** By index. */
  readonly sequences: Readonly<Record<string, Sequence>>;
}

const VERSION = 1;

const sequenceSchema = z.object({ count: z.number(), sum: z.number(), last: z.number() });
const cursorSchema = z.object({
  v: z.literal(VERSION),
  origin: z.number(),
  marks: z.record(z.string(), z.number()),
  sequences: z.record(z.string(), sequenceSchema),
});

/** A cursor before the first document. */
export function beginCursor(startTime: StartTime | null, now: number): Cursor {
  return { origin: originFor(startTime, now), marks: {}, sequences: {} };
}

function originFor(startTime: StartTime | null, now: number): number {
  if (startTime === null) return now;
  return startTime.kind === "at" ? startTime.time : now - startTime.duration;
}

/** Null for a text that is no cursor of this version: reading then begins as for the first time. */
export function readCursor(text: string): Cursor | null {
  const parsed = cursorSchema.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { origin, marks, sequences } = parsed.data;
  return { origin, marks, sequences };
}

/** `{"v":1,"origin":ms,"marks":{track:ms},"sequences":{index:{count,sum,last}}}`. */
export function writeCursor({ origin, marks, sequences }: Cursor): string {
  return JSON.stringify({ v: VERSION, origin, marks, sequences });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
