/** What goes with a configuration when history is decided again: silences, and what people did. */
import { existsSync } from "node:fs";
import { STATUSES, VERDICTS } from "../alert/schema.ts";
import { giveStatus } from "../alert/status.ts";
import { originOfId, positionOfNumber } from "../alert/id.ts";
import type { Configuration } from "../app/configuration.ts";
import type { DataPaths } from "../app/paths.ts";
import { configuredSilences } from "../app/silences.ts";
import { OWN_KINDS } from "../ledger/history.ts";
import type { Position } from "../pipeline/entry.ts";
import type { StoredAlert } from "../pipeline/state.ts";
import { closedAt } from "../pipeline/tables.ts";
import type { BacktestSide } from "../rehearsal/backtest.ts";
import type { Act } from "../rehearsal/rehearse.ts";
import { compileSilence } from "../silence/compile.ts";
import { Database } from "../sqlite/database.ts";
import { listActionsSince, type Action } from "../store/sqlite/actions.ts";
import { findAlert, parseAlert } from "../store/sqlite/alerts.ts";
import { listSilences } from "../store/sqlite/silences.ts";

/** A configuration with its own silences and those that were made by hand. */
export function sideOf(paths: DataPaths, configuration: Configuration): BacktestSide {
  const byHand = readStore(paths, listSilences) ?? [];
  const stored = byHand.filter(({ origin }) => origin === "store").map(compileSilence);
  return { configuration, silences: [...configuredSilences(configuration), ...stored] };
}

/** Alerts that people acknowledged or closed since a time, to be done again at their times. */
export function readActs(paths: DataPaths, since: number): Act[] {
  const acts = readStore(paths, (database) =>
    listActionsSince(database, since).flatMap((action) => toAct(database, action)),
  );
  return acts ?? [];
}

function readStore<Result>(
  paths: DataPaths,
  read: (database: Database) => Result,
): Result | undefined {
  if (!existsSync(paths.store)) return undefined;
  const database = new Database(paths.store, { readOnly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

function toAct(database: Database, { at, kind, target, detail }: Action): Act[] {
  const position = kind === "alert.changed" ? positionOfNumber(target) : null;
  if (position === null) return [];
  const status = STATUSES.find((one) => one === detail["status"]);
  const verdict = VERDICTS.find((one) => one === detail["verdict"]) ?? null;
  const { origin, ...place } = meantBy(database, position as Position);
  const change = (stored: StoredAlert): StoredAlert | undefined => {
    if (origin !== undefined && originOfId(stored.alert.id) !== origin) return undefined;
    const alert = { ...giveStatus(stored.alert, status ?? stored.alert.status, at), verdict };
    return { ...stored, alert, closed_at: closedAt(stored, alert.status, at) };
  };
  return [{ at, change, ...place }];
}

/** An alert that Tocsin raised is raised anew, at a place of its own; it is known by its origin. */
function meantBy(
  database: Database,
  position: Position,
): { readonly origin?: string; readonly position?: Position } {
  const row = findAlert(database, position);
  if (!row) return { position };
  const { id, source } = parseAlert(row.document);
  return OWN_KINDS.includes(source.kind) ? { origin: originOfId(id) } : { position };
}
