/** How the reading of a source goes: for the program, and as people see it. */
import { z } from "zod";
import type { PollError } from "./failures.ts";

const POLLER_STATES = ["waiting", "reading", "blocked", "failing"] as const;
export type PollerState = (typeof POLLER_STATES)[number];

/** Times are epoch milliseconds. */
export interface PollerStatus {
  readonly source: string;
  readonly state: PollerState;
  /** What was made before is read; null before the first page. */
  readonly readTo: number | null;
  /** Milliseconds since then, or since the start when nothing was ever read. */
  readonly lag: number;
  /** When the feed was last read to its end; null before. */
  readonly at: number | null;
  /** Pages taken since the start. */
  readonly pages: number;
  /** Why it does not go on; null when it does. */
  readonly error: PollError | null;
}

/** What the API and the command line show of a source that is read. */
export const feedStatusSchema = z
  .object({
    state: z.enum(POLLER_STATES),
    read_to: z.iso.datetime().nullable().describe("What was made before is read."),
    lag_seconds: z.number().describe("Since then, or since the start when nothing was ever read."),
    error: z.string().nullable().describe("Why reading does not go on, and what to do."),
    missing: z.int().nullable().describe("Events that the last comparison with the index missed."),
    reconciled_at: z.iso.datetime().nullable().describe("When that was."),
  })
  .meta({ id: "Feed" });
export type FeedStatus = z.infer<typeof feedStatusSchema>;

/** What is shown of a poller, and of the last comparison, if there was one. */
export function describeFeed(
  { state, readTo, lag, error }: PollerStatus,
  last: { readonly missing: number; readonly at: number } | null,
): FeedStatus {
  return {
    state,
    read_to: timeOf(readTo),
    lag_seconds: lag / 1000,
    error: error && [error.message, error.hint].filter(Boolean).join(" — "),
    missing: last && last.missing,
    reconciled_at: timeOf(last && last.at),
  };
}

function timeOf(epoch: number | null): string | null {
  return epoch === null ? null : new Date(epoch).toISOString();
}
