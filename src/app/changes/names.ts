/** From what people call an alert or case to what is stored. */
import { alertId, positionOfId, positionOfNumber } from "../../alert/id.ts";
import { caseNumber, type Case } from "../../case/case.ts";
import { fail } from "../../errors.ts";
import type { Position } from "../../pipeline/entry.ts";
import type { Database } from "../../sqlite/database.ts";
import { findAlert } from "../../store/sqlite/alerts.ts";
import { findCase } from "../../store/sqlite/cases.ts";
import { findPlace } from "../../store/sqlite/events.ts";

/**
 * Where the alert of a number (`ALR-000123`) or id is stored; the id may also be that of an event
 * which updated or repeated it. Throws NOT_FOUND.
 */
export function requireAlert(database: Database, name: string): Position {
  const position = positionOfNumber(name) ?? positionOfId(name.trim());
  if (position === null) throw noAlert(name, "Write a number like ALR-000123, or an id.");
  const place = findPlace(database, position);
  const isMeant = positionOfNumber(name) !== null || isIdAt(name.trim(), place?.received_at);
  const alert = place?.alert ?? null;
  if (isMeant && alert !== null && findAlert(database, alert)) return alert;
  throw noAlert(name, "Retention may have taken it; or it is of another data folder.");
}

/** An id's middle part is made from a key, which is not in the store; the rest must be right. */
function isIdAt(id: string, receivedAt: number | undefined): boolean {
  const position = positionOfId(id);
  if (position === null || receivedAt === undefined) return false;
  const own = alertId(receivedAt, "", position);
  const given = id.toUpperCase();
  return given.slice(0, 10) === own.slice(0, 10) && given.slice(18) === own.slice(18);
}

function noAlert(name: string, hint: string): Error {
  return fail("NOT_FOUND", { component: "alert", message: `there is no alert ${name}`, hint });
}

/** The case of a number (`CASE-000012` or `12`). Throws NOT_FOUND. */
export function requireCase(database: Database, name: string): Case {
  const number = caseNumber(name);
  const found = number === null ? undefined : findCase(database, number);
  if (found) return found;
  const hint =
    number === null
      ? "Write a number like CASE-000012."
      : "tocsin case list and GET /api/v1/cases show those that there are.";
  throw fail("NOT_FOUND", { component: "case", message: `there is no case ${name}`, hint });
}
