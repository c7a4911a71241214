/** What people did by hand: only ever added to. */
import type { Database } from "../../sqlite/database.ts";

export interface Action {
  /** Epoch milliseconds. */
  readonly at: number;
  /** A person or key. */
  readonly who: string;
  /** `alert.changed`, `case.merged`, `silence.ended` … */
  readonly kind: string;
  /** Number of the alert, id of the case or silence; empty when it was about many things. */
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Writes down what somebody did. Part of the transaction that does it. */
export function insertAction(database: Database, action: Action): void {
  database.run(
    "INSERT INTO actions (at, who, kind, target, detail) VALUES (?, ?, ?, ?, ?)",
    action.at,
    action.who,
    action.kind,
    action.target,
    JSON.stringify(action.detail),
  );
}

/** What was done to something, the oldest first. */
export function listActionsOn(database: Database, target: string): Action[] {
  return database
    .all<Omit<Action, "detail"> & { detail: string }>(
      "SELECT at, who, kind, target, detail FROM actions WHERE target = ? ORDER BY id",
      target,
    )
    .map(({ detail, ...row }) => ({ ...row, detail: JSON.parse(detail) as Action["detail"] }));
}

/** What was done since a time (epoch milliseconds), the oldest first. */
export function listActionsSince(database: Database, since: number): Action[] {
  return database
    .all<Omit<Action, "detail"> & { detail: string }>(
      "SELECT at, who, kind, target, detail FROM actions WHERE at >= ? ORDER BY at, id",
      since,
    )
    .map(({ detail, ...row }) => ({ ...row, detail: JSON.parse(detail) as Action["detail"] }));
}
