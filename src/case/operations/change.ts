import { z } from "zod";
import { VERDICTS } from "../../alert/schema.ts";
import { SEVERITIES } from "../../alert/severity.ts";
import { CASE_STATUSES, type Case, type CaseStatus, type CaseWrite } from "../case.ts";
import { recordChange } from "./record.ts";
import { conflict, invalid, requireUnmerged } from "./refuse.ts";
import { changeTasks, taskChangeSchema } from "./tasks.ts";

/** What people may change by themselves. What is left out stays as it is. */
export const caseChangeSchema = z.strictObject({
  status: z.enum(CASE_STATUSES).optional(),
  verdict: z.enum(VERDICTS).nullable().optional(),
  severity: z.enum(SEVERITIES).optional(),
  owner: z.string().min(1).max(200).nullable().optional(),
  title: z.string().trim().min(1).max(500).optional(),
  summary: z.string().max(20_000).nullable().optional(),
  tags: z.array(z.string().min(1).max(200)).max(100).optional().describe("Replaces all of them."),
  task: taskChangeSchema.optional(),
});
export type CaseChange = z.infer<typeof caseChangeSchema>;

/** Where each status may go by a change; out of resolved and closed leads `reopenCase`. */
const NEXT: Readonly<Record<CaseStatus, readonly CaseStatus[]>> = {
  new: ["in_progress", "resolved"],
  in_progress: ["on_hold", "resolved"],
  on_hold: ["in_progress", "resolved"],
  resolved: ["closed"],
  closed: [],
};

/**
 * The case after a change by hand, with a timeline entry for each thing that is really different;
 * none when all is as before. Throws CONFLICT for a merged case and for a status that cannot follow
 * the present one, NOT_FOUND for an unknown task, REQUEST_INVALID for closing without a verdict.
 */
export function changeCase(known: Case, change: CaseChange, who: string, now: number): CaseWrite {
  requireUnmerged(known);
  const after: Case = {
    ...known,
    status: change.status ?? known.status,
    verdict: given(change.verdict, known.verdict),
    severity: change.severity ?? known.severity,
    owner: given(change.owner, known.owner),
    title: change.title ?? known.title,
    summary: given(change.summary, known.summary),
    tags: change.tags ? [...new Set(change.tags)] : known.tags,
    tasks: change.task ? changeTasks(known, change.task) : known.tasks,
    closed_at: closedAt(known, change.status, now),
  };
  requireAllowed(known, after);
  return recordChange({ before: known, after, who, now });
}

/** Null is a value that somebody gives; undefined is none. */
function given<T>(value: T | undefined, before: T): T {
  return value === undefined ? before : value;
}

function closedAt(known: Case, status: CaseStatus | undefined, now: number): string | null {
  if (status !== "closed" || known.status === "closed") return known.closed_at;
  return new Date(now).toISOString();
}

function requireAllowed(known: Case, after: Case): void {
  if (known.status !== after.status && !NEXT[known.status].includes(after.status)) {
    throw conflict(
      known,
      `${known.id} is ${known.status}, not to be set ${after.status}`,
      wayOut(known),
    );
  }
  if (after.status === "closed" && after.verdict === null) {
    throw invalid(known, "a case is closed with a verdict", `One of: ${VERDICTS.join(", ")}.`);
  }
}

function wayOut({ status }: Case): string {
  const next = NEXT[status];
  return next.length > 0 ? `Next may be: ${next.join(", ")}.` : "Reopen it first.";
}
