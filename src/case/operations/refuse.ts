/** What cannot be done with a case as it is. */
import { fail, type TocsinError } from "../../errors.ts";
import { isOpen, type Case } from "../case.ts";

/** CONFLICT: the case is in a state that does not allow it. */
export function conflict({ id }: Case, message: string, hint: string): TocsinError {
  return fail("CONFLICT", { component: `case ${id}`, message, hint });
}

/** REQUEST_INVALID: it makes no sense whatever state the case is in. */
export function invalid({ id }: Case, message: string, hint: string): TocsinError {
  return fail("REQUEST_INVALID", { component: `case ${id}`, message, hint });
}

/** Throws CONFLICT when another case took its alerts over: all work goes on there. */
export function requireUnmerged(known: Case): void {
  if (known.merged_into === null) return;
  throw conflict(known, `${known.id} was merged into ${known.merged_into}`, "Use that case.");
}

/** Throws CONFLICT when it was merged, or is resolved or closed. */
export function requireOpen(known: Case): void {
  requireUnmerged(known);
  if (!isOpen(known)) throw conflict(known, `${known.id} is ${known.status}`, "Reopen it first.");
}
