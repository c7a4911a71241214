/** What people make of cases. */
import type { Alert } from "../../alert/schema.ts";
import type { Case, CaseWrite } from "../../case/case.ts";
import { caseChangeSchema, changeCase, type CaseChange } from "../../case/operations/change.ts";
import { commentOn } from "../../case/operations/comment.ts";
import { closeCase, reopenCase } from "../../case/operations/finish.ts";
import { mergeCases } from "../../case/operations/merge.ts";
import { fail } from "../../errors.ts";
import type { Database } from "../../sqlite/database.ts";
import { changeAlert } from "../../store/sqlite/alert-changes.ts";
import { findAlert } from "../../store/sqlite/alerts.ts";
import { saveCase } from "../../store/sqlite/case-changes.ts";
import { listCaseAlerts } from "../../store/sqlite/cases.ts";
import { changeState } from "../../store/sqlite/change-state.ts";
import type { By } from "./by.ts";
import { requireCase } from "./names.ts";

/** Cases are named by number: `CASE-000012` or `12`. */
interface CaseAsked {
  readonly case: string;
}

/**
 * Changes fields of a case, or one of its tasks. Whoever closes it so closes its open alerts, as
 * `closeWholeCase` does.
 */
export function changeCaseFields(
  database: Database,
  asked: CaseAsked & { readonly change: CaseChange },
  by: By,
): Case {
  const change = readChange(asked.change);
  return rewriteCase(database, asked, by, (known) => changeCase(known, change, by.who, by.now));
}

function readChange(change: CaseChange): CaseChange {
  const read = caseChangeSchema.safeParse(change);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw fail("REQUEST_INVALID", {
    component: "case",
    message: `${issue?.path.join(".") ?? "change"}: ${issue?.message ?? "is not valid"}`,
    hint: "What can be changed is described at /api/v1/openapi.json.",
  });
}

/** Puts a comment into the timeline of a case. */
export function commentOnCase(
  database: Database,
  asked: CaseAsked & { readonly text: string },
  by: By,
): Case {
  return rewriteCase(database, asked, by, (known) => commentOn(known, asked.text, by.who, by.now));
}

/**
 * Closes a case, and those of its alerts that are open, with the same verdict; with null it is the
 * verdict that the case has. Alerts that are closed already keep theirs.
 */
export function closeWholeCase(
  database: Database,
  asked: CaseAsked & { readonly verdict: Case["verdict"] },
  by: By,
): Case {
  return rewriteCase(database, asked, by, (known) =>
    closeCase(known, asked.verdict, by.who, by.now),
  );
}

/** Takes a case up again. Its alerts stay closed: each is reopened by itself. */
export function reopenClosedCase(database: Database, asked: CaseAsked, by: By): Case {
  return rewriteCase(database, asked, by, (known) => reopenCase(known, by.who, by.now));
}

function rewriteCase(
  database: Database,
  asked: CaseAsked,
  by: By,
  rewrite: (known: Case) => CaseWrite,
): Case {
  return changeState(database, () => {
    const known = requireCase(database, asked.case);
    const write = rewrite(known);
    saveCase(database, write, {}, by.who, by.now);
    const isClosed = known.status !== "closed" && write.case.status === "closed";
    if (isClosed) closeAlertsOf(database, write.case, by);
    return write.case;
  });
}

function closeAlertsOf(database: Database, { number, verdict }: Case, { who, now }: By): void {
  for (const position of listCaseAlerts(database, number)) {
    const row = findAlert(database, position);
    if (!row || (JSON.parse(row.document) as Alert).status === "closed") continue;
    changeAlert(database, position, { status: "closed", verdict }, who, now);
  }
}

/** Joins cases to one: it takes over their alerts, and they are closed. All of them or none. */
export function mergeIntoCase(
  database: Database,
  asked: { readonly into: string; readonly from: readonly string[] },
  { who, now }: By,
): Case {
  return changeState(database, () => {
    let into = requireCase(database, asked.into);
    for (const name of asked.from) {
      const from = requireCase(database, name);
      const merged = mergeCases(into, from, who, now);
      const alertsAdded = listCaseAlerts(database, from.number);
      saveCase(database, merged.from, {}, who, now);
      saveCase(database, merged.into, { alertsAdded }, who, now);
      into = merged.into.case;
    }
    return into;
  });
}
