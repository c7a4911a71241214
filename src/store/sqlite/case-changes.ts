/** What people make of a case. Stored in one transaction, with the alerts that come or go. */
import type { CaseWrite } from "../../case/case.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { insertAction } from "./actions.ts";
import { findAlert, rewriteAlert, toAlert } from "./alerts.ts";
import { writeCase } from "./cases.ts";
import { changeState } from "./change-state.ts";

/** Alerts that a change puts into the case or takes out of it. */
export interface CaseAlerts {
  readonly alertsAdded?: readonly Position[] | undefined;
  readonly alertsRemoved?: readonly Position[] | undefined;
}

/**
 * Stores a case as somebody made it; each entry of its timeline is also an action of theirs. Alerts
 * that are taken out stay where they are when they are in another case by now. To read before
 * writing, or to change several cases at once, call it inside `changeState`.
 */
export function saveCase(
  database: Database,
  write: CaseWrite,
  { alertsAdded = [], alertsRemoved = [] }: CaseAlerts,
  who: string,
  now: number,
): void {
  const { id } = write.case;
  changeState(database, () => {
    writeCase(database, write);
    for (const position of alertsRemoved) moveAlert(database, position, id, null, now);
    for (const position of alertsAdded) moveAlert(database, position, null, id, now);
    for (const { kind, detail } of write.entries) {
      insertAction(database, { at: now, who, kind: `case.${kind}`, target: id, detail });
    }
  });
}

/** `from` null is any case. */
function moveAlert(
  database: Database,
  position: Position,
  from: string | null,
  to: string | null,
  now: number,
): void {
  const row = findAlert(database, position);
  if (!row) return;
  const alert = toAlert(database, row);
  if (from !== null && alert.case_id !== from) return;
  rewriteAlert(database, position, { ...alert, case_id: to }, now);
}
