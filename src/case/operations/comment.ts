import type { Case, CaseWrite } from "../case.ts";
import { recordChange } from "./record.ts";
import { invalid, requireUnmerged } from "./refuse.ts";

const MAX_COMMENT = 20_000;

/**
 * Puts a comment into the timeline, as written. Closed cases can be commented on. Throws
 * REQUEST_INVALID for a blank text or one of more than 20,000 characters, CONFLICT for a merged case.
 */
export function commentOn(known: Case, text: string, who: string, now: number): CaseWrite {
  requireUnmerged(known);
  const comment = text.trim();
  if (comment === "") throw invalid(known, "the comment is empty", "Write something.");
  if (comment.length > MAX_COMMENT) {
    throw invalid(known, `the comment is longer than ${MAX_COMMENT} characters`, "Shorten it.");
  }
  const told = [{ kind: "comment" as const, detail: { text: comment } }];
  return recordChange({ before: known, after: known, who, now, told });
}
