/** What people make of an alert. */
import type { Alert, Status } from "../../alert/schema.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { insertAction } from "./actions.ts";
import { findAlert, rewriteAlert, toAlert } from "./alerts.ts";
import { changeState } from "./change-state.ts";

/** What is to be changed; what is left out stays. */
export interface AlertChange {
  readonly status?: Status | undefined;
  readonly verdict?: string | null | undefined;
}

/**
 * Acknowledges, closes or reopens an alert, or says what it was found to be; `now` is when, in epoch
 * milliseconds. Answers the alert as it is then; undefined when there is none at the position. A
 * change that changes nothing is not written down.
 */
export function changeAlert(
  database: Database,
  position: Position,
  change: AlertChange,
  who: string,
  now: number,
): Alert | undefined {
  return changeState(database, () => {
    const row = findAlert(database, position);
    if (!row) return undefined;
    const before = toAlert(database, row);
    const { status = before.status, verdict = before.verdict } = change;
    if (status === before.status && verdict === before.verdict) return before;
    const after = { ...before, status, verdict };
    rewriteAlert(database, position, after, now);
    const detail = { before: { status: before.status, verdict: before.verdict }, status, verdict };
    insertAction(database, { at: now, who, kind: "alert.changed", target: after.number, detail });
    return after;
  });
}
