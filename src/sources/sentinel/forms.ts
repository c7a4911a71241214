/**
 * Three kinds of body come from Azure:
 *
 * - an *incident*, the ARM object of Microsoft.SecurityInsights/incidents (learn.microsoft.com, REST
 *   API of Microsoft Sentinel, Incidents), alone or as `object` in what the incident trigger of a
 *   Logic App hands on;
 * - a *row* of the table SecurityAlert (Azure Monitor reference, tables/securityalert), some of whose
 *   columns are JSON in a string;
 * - a *monitor* alert in the common alert schema of Azure Monitor.
 */
import { isDeeperThan } from "../../receipt/json.ts";
import { DEFAULT_READ_LIMITS } from "../../receipt/limits.ts";
import { isObject, textOf } from "../read.ts";
import type { JsonObject, JsonValue } from "../source.ts";

/** A body, told apart. */
export type Form =
  | { readonly kind: "incident"; readonly incident: JsonObject; readonly properties: JsonObject }
  | { readonly kind: "row"; readonly row: JsonObject }
  | { readonly kind: "monitor"; readonly essentials: JsonObject };

/** Which kind of body it is; null for none of them. */
export function formOf(body: JsonObject): Form | null {
  const { schemaId, data, object } = body;
  if (schemaId === "azureMonitorCommonAlertSchema") {
    const essentials = isObject(data) ? data["essentials"] : null;
    return isObject(essentials) ? { kind: "monitor", essentials } : null;
  }
  const incident = isObject(object) ? object : body;
  const { properties } = incident;
  if (isObject(properties) && isIncident(incident, properties)) {
    return { kind: "incident", incident, properties };
  }
  return isRow(body) ? { kind: "row", row: body } : null;
}

function isIncident(incident: JsonObject, properties: JsonObject): boolean {
  if (/SecurityInsights\/incidents$/i.test(textOf(incident["type"]) ?? "")) return true;
  return textOf(properties["incidentNumber"]) !== null && textOf(properties["title"]) !== null;
}

function isRow(body: JsonObject): boolean {
  const named = textOf(body["AlertName"]) ?? textOf(body["DisplayName"]);
  return textOf(body["SystemAlertId"]) !== null || (named !== null && "AlertSeverity" in body);
}

/** A value that may be JSON in a string; what does not parse, or is nested too deep, stays as it is. */
export function unpack(value: JsonValue | undefined): JsonValue {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value ?? null;
  try {
    const parsed = JSON.parse(value) as JsonValue;
    return isDeeperThan(parsed, DEFAULT_READ_LIMITS.depth) ? value : parsed;
  } catch {
    return value;
  }
}

/** The objects of a list, or of a list as JSON in a string; none of anything else. */
export function listOf(value: JsonValue | undefined): JsonObject[] {
  const list = unpack(value);
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** A member that is an object, also as JSON in a string; an empty one where there is none. */
export function objectAt(object: JsonObject, name: string): JsonObject {
  const value = unpack(object[name]);
  return isObject(value) ? value : {};
}
