import { caseId, type Case, type CaseWrite } from "../case.ts";
import { summariseMembers, type CaseMember } from "./member.ts";
import { openCase } from "./open.ts";
import { recordChange } from "./record.ts";
import { invalid, requireOpen } from "./refuse.ts";

/** How a case is divided; together the two lists are all of its alerts. */
export interface CaseSplit {
  readonly moved: readonly CaseMember[];
  readonly remaining: readonly CaseMember[];
  /** Of the new case. */
  readonly number: number;
  readonly title: string;
}

/**
 * Moves some alerts of a case into a new one of their own, which has the same owner and tags but no
 * policy: later alerts go on joining the old one. Severity and times of both are those of the alerts
 * that they have now. The caller moves the alerts.
 *
 * Throws REQUEST_INVALID when one of the two would be empty, CONFLICT when the case is not open.
 */
export function splitCase(
  known: Case,
  split: CaseSplit,
  who: string,
  now: number,
): { readonly from: CaseWrite; readonly created: CaseWrite } {
  requireOpen(known);
  if (split.moved.length === 0)
    throw invalid(known, "no alert is moved", "Name some of its alerts.");
  if (split.remaining.length === 0) {
    throw invalid(known, "no alert would remain", "Name some of its alerts, not all of them.");
  }
  return { from: without(known, split, who, now), created: create(known, split, who, now) };
}

function without(known: Case, split: CaseSplit, who: string, now: number): CaseWrite {
  const into = caseId(split.number);
  const detail = { into, alerts: split.moved.length };
  const removed = split.moved.map(({ number }) => ({
    kind: "alert_removed" as const,
    detail: { alert: number, into },
  }));
  return recordChange({
    before: known,
    after: { ...known, ...summariseMembers(split.remaining, now) },
    who,
    now,
    told: [{ kind: "split", detail }, ...removed],
    because: { into },
  });
}

function create(known: Case, split: CaseSplit, who: string, now: number): CaseWrite {
  const { number, title, moved } = split;
  const { owner, tags } = known;
  const opening = { number, title, owner, tags, policy: null, key: null, follows: null };
  const created = openCase(opening, moved, who, now);
  const at = new Date(now).toISOString();
  const told = {
    at,
    who,
    kind: "split" as const,
    detail: { from: known.id, alerts: moved.length },
  };
  return { case: created.case, entries: [...created.entries, told] };
}
