/** What people make of alerts. */
import { VERDICTS, type Alert, type Status } from "../../alert/schema.ts";
import { fail } from "../../errors.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { insertAction } from "../../store/sqlite/actions.ts";
import { changeAlert } from "../../store/sqlite/alert-changes.ts";
import { findAlert, toAlert } from "../../store/sqlite/alerts.ts";
import { changeState } from "../../store/sqlite/change-state.ts";
import type { By } from "./by.ts";
import { requireAlert } from "./names.ts";

export interface AlertsAsked {
  /** Numbers or ids. */
  readonly names: readonly string[];
  /** `new` takes a closed alert up again. */
  readonly status: Status;
  /** What a closed alert was found to be; without it, it keeps the one it has. */
  readonly verdict?: (typeof VERDICTS)[number] | undefined;
  /** Kept with what was done to the alert, as written. */
  readonly comment?: string | undefined;
}

const MAX_COMMENT = 20_000;

/**
 * Acknowledges, closes or reopens alerts, all of them or none. What is acknowledged or closed already
 * stays so; closing again changes the verdict at most. Deliveries that are held need nothing: who
 * decides about them looks at the alert.
 *
 * Throws NOT_FOUND for a name that no alert has, REQUEST_INVALID for closing without any verdict,
 * CONFLICT for acknowledging what is closed and for reopening what is open.
 */
export function changeAlerts(database: Database, asked: AlertsAsked, by: By): Alert[] {
  const comment = readComment(asked.comment);
  return changeState(database, () => {
    const positions = new Set(asked.names.map((name) => requireAlert(database, name)));
    return [...positions].map((position) => {
      const changed = changeOne(database, position, asked, by);
      if (comment !== null) writeComment(database, changed, comment, by);
      return changed;
    });
  });
}

function readComment(comment: string | undefined): string | null {
  const text = comment?.trim() ?? "";
  if (text.length <= MAX_COMMENT) return text === "" ? null : text;
  const message = `the comment is longer than ${MAX_COMMENT} characters`;
  throw fail("REQUEST_INVALID", { component: "alert", message, hint: "Shorten it." });
}

function changeOne(
  database: Database,
  position: Position,
  { status, verdict }: AlertsAsked,
  { who, now }: By,
): Alert {
  const before = readAlert(database, position);
  requirePossible(before, status, verdict);
  const change = { status, verdict: status === "new" ? null : verdict };
  return changeAlert(database, position, change, who, now) ?? before;
}

function readAlert(database: Database, position: Position): Alert {
  const row = findAlert(database, position);
  if (row) return toAlert(database, row);
  throw fail("INTERNAL", { component: "alert", message: `the alert at ${position} is gone` });
}

function requirePossible(before: Alert, status: Status, verdict: AlertsAsked["verdict"]): void {
  const { number } = before;
  const refuse = (code: "CONFLICT" | "REQUEST_INVALID", message: string, hint: string) =>
    fail(code, { component: `alert ${number}`, message, hint });
  if (status === "closed" && verdict === undefined && before.verdict === null) {
    const hint = `One of: ${VERDICTS.join(", ")}.`;
    throw refuse("REQUEST_INVALID", "an alert is closed with a verdict", hint);
  }
  if (status === "acknowledged" && before.status === "closed") {
    throw refuse("CONFLICT", `${number} is closed`, "Reopen it first.");
  }
  if (status === "new" && before.status !== "closed") {
    throw refuse("CONFLICT", `${number} is open already`, "Nothing is to be done.");
  }
}

function writeComment(database: Database, { number }: Alert, text: string, by: By): void {
  const { who, now } = by;
  insertAction(database, {
    at: now,
    who,
    kind: "alert.commented",
    target: number,
    detail: { text },
  });
}
