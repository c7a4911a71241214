import { toTitle } from "../../alert/text.ts";
import { caseId, type Case, type CaseWrite } from "../case.ts";
import { summariseMembers, type CaseMember } from "./member.ts";
import { alertAdded } from "./join.ts";

/** What is known of a case before its alerts are. */
export interface CaseOpening {
  readonly number: number;
  /** Becomes one line of at most 500 characters; the id when nothing is left of it. */
  readonly title: string;
  readonly owner: string | null;
  readonly tags: readonly string[];
  /** The policy that opens it and what the alerts have in common; null by hand. */
  readonly policy: string | null;
  readonly key: string | null;
  /** Id of the newest case of the same key before; null when there is none. */
  readonly follows: string | null;
}

/** A new case with these alerts. `now` in epoch milliseconds. */
export function openCase(
  opening: CaseOpening,
  members: readonly CaseMember[],
  who: string,
  now: number,
): CaseWrite {
  const at = new Date(now).toISOString();
  const opened = caseOf(opening, members, now);
  const { title, policy, key, severity, follows } = opened;
  return {
    case: opened,
    entries: [
      { at, who, kind: "opened", detail: { title, policy, key, severity, follows } },
      ...members.map((member) => ({ at, who, ...alertAdded(member) })),
    ],
  };
}

function caseOf(opening: CaseOpening, members: readonly CaseMember[], now: number): Case {
  const { number, title, owner, tags, policy, key, follows } = opening;
  const at = new Date(now).toISOString();
  return {
    number,
    id: caseId(number),
    title: toTitle(title) || caseId(number),
    status: "new",
    verdict: null,
    owner,
    tags: [...new Set(tags)],
    summary: null,
    policy,
    key,
    follows,
    tasks: [],
    opened_at: at,
    updated_at: at,
    closed_at: null,
    merged_into: null,
    ...summariseMembers(members, now),
  };
}
