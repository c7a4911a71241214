/** What people make of an alert. */
import type { Alert, Status } from "../../alert/schema.ts";
import { giveStatus } from "../../alert/status.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { DeliveryId } from "../../pipeline/outcome.ts";
import type { Database } from "../../sqlite/database.ts";
import { insertAction } from "./actions.ts";
import { findAlert, rewriteAlert, toAlert } from "./alerts.ts";
import { changeState } from "./change-state.ts";
import { findAlertOf } from "./deliveries.ts";
import { raiseStateVersion } from "./meta.ts";
import { planStatusUpdatesByHand } from "./status-updates.ts";
import { planWriteBack } from "./write-back.ts";

/** What is to be changed; what is left out stays. */
export interface AlertChange {
  readonly status?: Status | undefined;
  readonly verdict?: string | null | undefined;
}

/**
 * Acknowledges, closes or reopens an alert, or says what it was found to be; `now` is when, in epoch
 * milliseconds. Answers the alert as it is then; undefined when there is none at the position. A
 * change that changes nothing is not written down. One of the status is also planned to be written
 * back to where the alert came from, where that is configured, and to be told to the destinations that
 * know of the alert and hear of its status.
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
    const after = { ...giveStatus(before, status, now), verdict };
    rewriteAlert(database, position, after, now);
    if (status !== before.status) {
      planWriteBack(database, position, after, now);
      planStatusUpdatesByHand(database, position, now);
    }
    const detail = { before: { status: before.status, verdict: before.verdict }, status, verdict };
    insertAction(database, { at: now, who, kind: "alert.changed", target: after.number, detail });
    return after;
  });
}

/**
 * Dates the status of a delivery's alert as the peer has written it down, when that is later. So it is
 * no news when it comes back, and what people do from now on is newer, also where the peer's clock runs
 * ahead. `time` is RFC 3339 in UTC with milliseconds. Part of a transaction.
 */
export function dateStatus(
  database: Database,
  delivery: DeliveryId,
  time: string,
  now: number,
): void {
  const position = findAlertOf(database, delivery);
  const row = position === undefined ? undefined : findAlert(database, position);
  if (!row) return;
  const alert = toAlert(database, row);
  if (time <= (alert.status_changed_at ?? "")) return;
  raiseStateVersion(database);
  rewriteAlert(database, row.position, { ...alert, status_changed_at: time }, now);
}
