/** Taking alerts out of a case, into one of their own. */
import type { Alert } from "../../alert/schema.ts";
import type { Case } from "../../case/case.ts";
import { memberOf } from "../../case/operations/member.ts";
import { splitCase } from "../../case/operations/split.ts";
import { fail } from "../../errors.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { findAlert, toAlert } from "../../store/sqlite/alerts.ts";
import { saveCase } from "../../store/sqlite/case-changes.ts";
import { listCaseAlerts, nextCaseNumber } from "../../store/sqlite/cases.ts";
import { changeState } from "../../store/sqlite/change-state.ts";
import type { By } from "./by.ts";
import { requireAlert, requireCase } from "./names.ts";

export interface SplitAsked {
  readonly case: string;
  /** Numbers or ids of alerts of the case. */
  readonly alerts: readonly string[];
  /** Of the new case; without it, the title of the oldest alert that moves. */
  readonly title?: string | undefined;
}

/** The case that the alerts came from, and the one they are in now. */
export interface Split {
  readonly case: Case;
  readonly created: Case;
}

/**
 * Moves some alerts of a case into a new case. Throws REQUEST_INVALID for an alert that is not in it,
 * and when none would move or none remain.
 */
export function splitOffCase(database: Database, asked: SplitAsked, { who, now }: By): Split {
  return changeState(database, () => {
    const known = requireCase(database, asked.case);
    const members = listMembers(database, known);
    const chosen = new Set(
      asked.alerts.map((name) => requireMember(database, known, members, name)),
    );
    const moved = [...members].filter(([position]) => chosen.has(position));
    const remaining = [...members].filter(([position]) => !chosen.has(position));
    const number = nextCaseNumber(database, now);
    const title = asked.title ?? moved[0]?.[1].title ?? "";
    const toMembers = (list: typeof moved) => list.map(([, alert]) => memberOf(alert, now));
    const division = { moved: toMembers(moved), remaining: toMembers(remaining), number, title };
    const { from, created } = splitCase(known, division, who, now);
    const alertsAdded = moved.map(([position]) => position);
    saveCase(database, from, {}, who, now);
    saveCase(database, created, { alertsAdded }, who, now);
    return { case: from.case, created: created.case };
  });
}

function listMembers(database: Database, { number }: Case): Map<Position, Alert> {
  const members = new Map<Position, Alert>();
  for (const position of listCaseAlerts(database, number)) {
    const row = findAlert(database, position);
    if (row) members.set(position, toAlert(database, row));
  }
  return members;
}

function requireMember(
  database: Database,
  { id }: Case,
  members: ReadonlyMap<Position, Alert>,
  name: string,
): Position {
  const position = requireAlert(database, name);
  if (members.has(position)) return position;
  throw fail("REQUEST_INVALID", {
    component: `case ${id}`,
    message: `${name} is not in ${id}`,
    hint: `Name alerts of the case; tocsin alerts list --case ${id} shows them.`,
  });
}
