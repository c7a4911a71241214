/** The silence: a matcher with a time window that holds alerts back. */
import { z } from "zod";

const time = z.iso.datetime();

/** What happens with what was held when a window ends. */
export const AT_END = ["nothing", "digest"] as const;

export const silenceSchema = z.object({
  id: z.string().describe("`S-12`, or the name of one that stands in the configuration."),
  version: z.number().int().min(1).describe("Raised by every change."),
  origin: z.enum(["file", "store"]).describe("One from the file is changed there."),
  match: z.string().describe("KQL."),
  from: time.nullable().describe("When it begins, or begins to recur; null for always."),
  until: time.nullable().describe("When it ends for good; null for never."),
  cron: z.string().nullable().describe("When its windows begin; null for a single window."),
  for: z.number().int().nullable().describe("Length of each window in milliseconds, elapsed."),
  time_zone: z.string().nullable().describe("Of `cron`; an IANA name. UTC without one."),
  comment: z.string(),
  author: z.string().describe("Who made it, or changed it last."),
  at_end: z.enum(AT_END),
  remind: z.number().int().nullable().describe("Milliseconds before `until` to announce the end."),
  created_at: time,
  updated_at: time,
  ended_at: time.nullable().describe("When it was ended early, or removed from the file."),
});
export type Silence = z.infer<typeof silenceSchema>;

/** A span of time: at or after `from`, before `until`; epoch milliseconds. */
export interface Window {
  readonly from: number;
  /** Infinity for one without an end. */
  readonly until: number;
}

/** When it ends for good, early or as planned: epoch milliseconds, Infinity for never. */
export function endsAt({ until, ended_at }: Pick<Silence, "until" | "ended_at">): number {
  const planned = until === null ? Infinity : Date.parse(until);
  return ended_at === null ? planned : Math.min(planned, Date.parse(ended_at));
}

/** `S-12` for 12: the id of a silence that somebody made. */
export function silenceId(number: number): string {
  return `S-${number}`;
}

/** 12 for `S-12` or `s-12`; null when the text is no such id. */
export function silenceNumber(id: string): number | null {
  const match = /^S-([1-9]\d{0,14})$/i.exec(id);
  return match ? Number(match[1]) : null;
}
