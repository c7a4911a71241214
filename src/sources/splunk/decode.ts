import { canonicalJson } from "../../receipt/canonical.ts";
import { hashOf, isObject, keyPart, rejectItem, textOf } from "../read.ts";
import type { Decoded, DecodedEvent, JsonObject, JsonValue } from "../source.ts";
import { notableIdOf, rowsOf, titleOf } from "./row.ts";

/**
 * Fields that say how the row was found and not what it is: the row's number in its search
 * ("0" for the first row of every search), the servers that answered, when the search ran.
 */
const VOLATILE = new Set([
  "_serial",
  "_si",
  "splunk_server",
  "splunk_server_group",
  "info_search_time",
]);

/** Takes a body apart into one event per row. A body that names no search and has no row is none. */
export function decodeSplunk(body: JsonValue): Decoded {
  if (!isObject(body)) {
    return reject(rejectItem("not_an_object", "a Splunk alert is a JSON object", body));
  }
  if (!isAlert(body)) {
    const detail = "neither result, sid nor search_name: not a Splunk alert";
    return reject(rejectItem("not_an_alert", detail, body));
  }
  const rows = rowsOf(body);
  if (rows.length === 0) return { events: [], rejected: [], empty: "no_hits" };
  return { events: rows.map((row) => toEvent(body, row)), rejected: [] };
}

function isAlert(body: JsonObject): boolean {
  const rows = isObject(body["result"]) || Array.isArray(body["result"]);
  return rows || textOf(body["sid"]) !== null || textOf(body["search_name"]) !== null;
}

function reject(item: Decoded["rejected"][number]): Decoded {
  return { events: [], rejected: [item] };
}

function toEvent(body: JsonObject, row: JsonObject): DecodedEvent {
  const document = row === body ? body : { ...body, result: row };
  return { stream: titleOf(document), key: keyOf(body, row), document };
}

/**
 * A notable's own id; else the search's id and the row. One search that fires twice has two ids,
 * one search that finds two rows posts both under one.
 */
function keyOf(body: JsonObject, row: JsonObject): string | null {
  const notable = notableIdOf(row);
  if (notable !== null) return `splunk:${keyPart(notable)}`;
  const sid = textOf(body["sid"]);
  return sid === null ? null : `splunk:${keyPart(sid)}/${hashRow(row)}`;
}

function hashRow(row: JsonObject): string {
  const lasting = Object.entries(row).filter(([field]) => !VOLATILE.has(field));
  return hashOf(canonicalJson(Object.fromEntries(lasting)));
}
