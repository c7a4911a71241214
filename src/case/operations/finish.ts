import { isOpen, type Case, type CaseWrite } from "../case.ts";
import { changeCase } from "./change.ts";
import { recordChange } from "./record.ts";
import { conflict, requireUnmerged } from "./refuse.ts";

/**
 * Closes a case; an open one is resolved on the way. With a null `verdict` it keeps the one it has.
 * Closing a closed case changes its verdict at most. Throws REQUEST_INVALID without any verdict,
 * CONFLICT for a merged case.
 */
export function closeCase(
  known: Case,
  verdict: Case["verdict"],
  who: string,
  now: number,
): CaseWrite {
  const change = { verdict: verdict ?? known.verdict };
  const resolved = isOpen(known)
    ? changeCase(known, { ...change, status: "resolved" }, who, now)
    : { case: known, entries: [] };
  const closed = changeCase(resolved.case, { ...change, status: "closed" }, who, now);
  return { case: closed.case, entries: [...resolved.entries, ...closed.entries] };
}

/**
 * Takes a resolved or closed case up again: in progress, without a verdict, for that is in question
 * now. Throws CONFLICT for an open case and for one that was merged.
 */
export function reopenCase(known: Case, who: string, now: number): CaseWrite {
  requireUnmerged(known);
  if (isOpen(known)) throw conflict(known, `${known.id} is open already`, "Nothing is to be done.");
  const after: Case = { ...known, status: "in_progress", verdict: null, closed_at: null };
  return recordChange({ before: known, after, who, now });
}
