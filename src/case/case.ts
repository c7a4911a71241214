/** The case: alerts that belong together, and the people's work on them. */
import { z } from "zod";
import { SEVERITIES } from "../alert/severity.ts";
import { VERDICTS } from "../alert/schema.ts";

/**
 * States of a case. New alerts join only cases that are *open*: new, in progress or on hold.
 *
 *     new ──▶ in_progress ◀──▶ on_hold          resolved ──▶ closed
 *      │           │              │                 ▲           │
 *      └───────────┴──────────────┴─────────────────┘           │
 *                  ▲                                            │
 *                  └──────────────── reopen ────────────────────┘
 */
export const CASE_STATUSES = ["new", "in_progress", "on_hold", "resolved", "closed"] as const;
export type CaseStatus = (typeof CASE_STATUSES)[number];

const time = z.iso.datetime().describe("UTC, RFC 3339 with milliseconds.");

export const taskSchema = z.object({
  id: z.number().int().min(1).describe("1, 2, 3 … within its case."),
  title: z.string().min(1).max(300),
  done: z.boolean(),
  owner: z.string().nullable(),
});
export type Task = z.infer<typeof taskSchema>;

export const caseSchema = z.object({
  number: z.number().int().min(1),
  id: z.string().regex(/^CASE-\d{6,}$/),
  title: z.string(),
  status: z.enum(CASE_STATUSES),
  verdict: z.enum(VERDICTS).nullable(),
  severity: z.enum(SEVERITIES).describe("The highest of its alerts, or what somebody set."),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  summary: z.string().nullable(),
  policy: z.string().nullable().describe("The policy that opened it; null when made by hand."),
  key: z.string().nullable().describe("What its alerts have in common, as the policy sees it."),
  alert_count: z.number().int().min(0),
  tasks: z.array(taskSchema),
  opened_at: time,
  updated_at: time,
  first_alert_at: time.describe("When the first of its alerts happened."),
  last_alert_at: time.describe("When the last of its alerts happened; windows count from here."),
  closed_at: time.nullable(),
  follows: z
    .string()
    .nullable()
    .describe("The newest case of the same key when its policy opened this one."),
  merged_into: z.string().nullable().describe("The case that took its alerts over."),
});
export type Case = z.infer<typeof caseSchema>;

export const TIMELINE_KINDS = [
  "opened",
  "alert_added",
  "alert_removed",
  "status",
  "verdict",
  "severity",
  "owner",
  "title",
  "summary",
  "tags",
  "comment",
  "task",
  "merged",
  "split",
  "reopened",
] as const;

/** One change of a case: who did what, and when. */
export const timelineEntrySchema = z.object({
  at: time,
  who: z.string().describe("A person or key, or `tocsin` for what policies did."),
  kind: z.enum(TIMELINE_KINDS),
  detail: z.record(z.string(), z.unknown()),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** A case as it is after a change, with what the timeline says of it. */
export interface CaseWrite {
  readonly case: Case;
  readonly entries: readonly TimelineEntry[];
}

/** `CASE-000123` for 123. */
export function caseId(number: number): string {
  return `CASE-${String(number).padStart(6, "0")}`;
}

/** 123 for `CASE-000123`, `case-123` or `123`; null when the text is no such thing. */
export function caseNumber(text: string): number | null {
  const match = /^(?:CASE-)?0*([1-9]\d{0,14})$/.exec(text.trim().toUpperCase());
  return match ? Number(match[1]) : null;
}

/** Whether new alerts may join. */
export function isOpen({ status }: Pick<Case, "status">): boolean {
  return status === "new" || status === "in_progress" || status === "on_hold";
}
