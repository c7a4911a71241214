/** What people make of silences. */
import type { CellWrite } from "../../pipeline/state.ts";
import type { Silence } from "../../silence/silence.ts";
import type { Database } from "../../sqlite/database.ts";
import { insertAction } from "./actions.ts";
import { writeCell } from "./cells.ts";
import { changeState } from "./change-state.ts";
import { findSilence, writeSilence } from "./silences.ts";

/**
 * Stores a silence as somebody made it, together with its timers. To take a new id before, call it
 * inside `changeState`. Its matcher must have been validated: decisions fail on one that is not KQL.
 */
export function saveSilence(
  database: Database,
  silence: Silence,
  cells: readonly CellWrite[],
  who: string,
  now: number,
): void {
  changeState(database, () => {
    const kind = `silence.${kindOfChange(findSilence(database, silence.id), silence)}`;
    writeSilence(database, silence);
    for (const write of cells) writeCell(database, write);
    insertAction(database, { at: now, who, kind, target: silence.id, detail: { silence } });
  });
}

function kindOfChange(before: Silence | undefined, after: Silence): string {
  if (!before) return "added";
  return before.ended_at === null && after.ended_at !== null ? "ended" : "changed";
}
