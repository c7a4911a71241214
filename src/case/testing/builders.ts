/** Cases and members of them, for tests. */
import { caseId, type Case } from "../case.ts";
import type { CaseMember } from "../operations/member.ts";
import { openCase } from "../operations/open.ts";

/** 2023-11-14T22:13:20.000Z: when cases of tests are opened. */
export const OPENED_AT = 1_700_000_000_000;

/** A new case with one alert, of medium severity, that happened when the case was opened. */
export function aCase(number = 1, changes: Partial<Case> = {}): Case {
  const opening = { number, title: caseId(number), owner: null, tags: [] };
  const unbound = { policy: null, key: null, follows: null };
  const opened = openCase({ ...opening, ...unbound }, [aMember()], "tocsin", OPENED_AT);
  return { ...opened.case, ...changes };
}

export function aMember(changes: Partial<CaseMember> = {}): CaseMember {
  return {
    number: "ALR-000001",
    severity: "medium",
    first: OPENED_AT,
    last: OPENED_AT,
    ...changes,
  };
}
