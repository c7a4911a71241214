/**
 * A Splunk webhook body is an envelope around the first row of a search:
 * `{result: {…}, sid, results_link, search_name, owner, app}`
 * (help.splunk.com, "Use a webhook alert action"). `search_name` may be null, the row has only the
 * fields the search kept, every value is a string and a multivalue field an array of strings.
 * Custom alert actions post more members, several rows in `result`, or a notable without an
 * envelope.
 */
import { toTitle } from "../../alert/text.ts";
import { isObject, textOf } from "../read.ts";
import type { JsonObject } from "../source.ts";

/** The rows of a body; the body itself where there is no envelope. */
export function rowsOf(body: JsonObject): JsonObject[] {
  const { result } = body;
  if (Array.isArray(result)) return result.filter(isObject);
  return [isObject(result) ? result : body];
}

/** The one row of an event's document. */
export function rowOf(document: JsonObject): JsonObject {
  return rowsOf(document)[0] ?? {};
}

/**
 * What the alert is called: the search, else the rule of a notable, else the signature, else the
 * search's id. Saved searches have a name; ad-hoc ones send `search_name: null`.
 */
export function nameOf(document: JsonObject): string | null {
  const row = rowOf(document);
  return (
    textOf(document["search_name"]) ??
    textOf(row["search_name"]) ??
    textOf(row["rule_name"]) ??
    textOf(row["rule_title"]) ??
    textOf(row["signature"])
  );
}

/** `nameOf` on one line, or a name made of the search's id where there is none. */
export function titleOf(document: JsonObject): string {
  const sid = textOf(document["sid"]);
  const name = toTitle(nameOf(document) ?? "");
  return name || toTitle(sid === null ? "Splunk search" : `Splunk search ${sid}`);
}

/**
 * The id of an Enterprise Security notable; null for anything else. Many sourcetypes have an
 * `event_id` of their own (Windows: 4625 on every failed logon), which identifies nothing, so the
 * row must look like a notable too.
 */
export function notableIdOf(row: JsonObject): string | null {
  const id = textOf(row["event_id"]);
  if (id === null) return null;
  if (id.includes("@@notable@@") || isNotable(row)) return id;
  return null;
}

function isNotable(row: JsonObject): boolean {
  if (textOf(row["_bkt"])?.startsWith("notable~") || textOf(row["index"]) === "notable")
    return true;
  const named = textOf(row["rule_name"]) ?? textOf(row["rule_title"]);
  const stash = textOf(row["_sourcetype"]) ?? textOf(row["sourcetype"]);
  return named !== null && textOf(row["urgency"]) !== null && stash === "stash";
}
