/**
 * Changes that people make to alerts, cases, policies and silences: one implementation of each, called on the
 * worker thread for the API, and on the file itself by commands, whether a server runs or not. Each
 * is one transaction, which also writes down who did it and raises the state's version.
 */
import type { Database } from "../../sqlite/database.ts";
import { changeAlerts } from "./alerts.ts";
import type { By } from "./by.ts";
import {
  changeCaseFields,
  closeWholeCase,
  commentOnCase,
  mergeIntoCase,
  reopenClosedCase,
} from "./cases.ts";
import { dropPolicy, setPolicy } from "./policies.ts";
import { addSilence, changeSilence, endSilenceNow } from "./silences.ts";
import { splitOffCase } from "./split.ts";

const CHANGES = {
  alerts: changeAlerts,
  "case.change": changeCaseFields,
  "case.comment": commentOnCase,
  "case.close": closeWholeCase,
  "case.reopen": reopenClosedCase,
  "case.merge": mergeIntoCase,
  "case.split": splitOffCase,
  "policy.save": setPolicy,
  "policy.remove": dropPolicy,
  "silence.add": addSilence,
  "silence.change": changeSilence,
  "silence.end": endSilenceNow,
} as const;

type Changes = typeof CHANGES;
export type ChangeKind = keyof Changes;
/** What a kind of change is told; it must survive being copied between threads. */
export type Asked<Kind extends ChangeKind> = Parameters<Changes[Kind]>[1];
/** What it answers. */
export type Changed<Kind extends ChangeKind> = ReturnType<Changes[Kind]>;
/** Any change, as it is sent between threads. */
export type Change = {
  [Kind in ChangeKind]: { readonly kind: Kind; readonly asked: Asked<Kind> };
}[ChangeKind];

/**
 * Carries out a change. Throws NOT_FOUND for what is not there, REQUEST_INVALID for what makes no
 * sense, CONFLICT for what cannot be done now; then nothing has changed.
 */
export function applyChange<Kind extends ChangeKind>(
  database: Database,
  kind: Kind,
  asked: Asked<Kind>,
  by: By,
): Changed<Kind> {
  const apply = CHANGES[kind] as (database: Database, asked: unknown, by: By) => Changed<Kind>;
  return apply(database, asked, by);
}
