/** Incidents: an investigation over one or more alerts, with a status that people change. */
import type { AlertContent, Status } from "../../alert/schema.ts";
import { toTitle } from "../../alert/text.ts";
import { isObject, linkOf, quote, textOf, textsOf, unique } from "../read.ts";
import { readGrade, readTimeAt } from "../readings.ts";
import type { JsonObject } from "../source.ts";
import { readTactics } from "./attack.ts";
import { collectEntities } from "./entities.ts";
import { listOf, objectAt } from "./forms.ts";

const STATUSES: Readonly<Record<string, Status>> = {
  new: "new",
  active: "acknowledged",
  closed: "closed",
};

/** REST API, IncidentClassification. */
const VERDICTS: Readonly<Record<string, string>> = {
  truepositive: "true_positive",
  benignpositive: "benign",
  falsepositive: "false_positive",
  undetermined: "undetermined",
};

/** The incident's GUID: its name, which is also the end of its resource id. */
export function incidentIdOf(incident: JsonObject): string | null {
  return textOf(incident["name"]) ?? lastPart(incident["id"]);
}

/** The analytic rule behind the first alert; the title where no alerts came with the incident. */
export function incidentRuleOf(properties: JsonObject): string | null {
  const [first] = alertsOf(properties);
  const rule = first && textOf(objectAt(first, "additionalData")["Analytic Rule Name"]);
  return rule ?? (first && textOf(first["alertDisplayName"])) ?? textOf(properties["title"]);
}

function alertsOf(properties: JsonObject): JsonObject[] {
  return listOf(properties["alerts"]).map((alert) => objectAt(alert, "properties"));
}

/** Fills an alert (in place) from an incident; `body` is all that was sent around it. */
export function fillIncident(
  alert: AlertContent,
  { incident, properties }: { readonly incident: JsonObject; readonly properties: JsonObject },
  body: JsonObject,
): void {
  const { flags } = alert.provenance;
  const workspace = textOf(objectAt(body, "workspaceInfo")["WorkspaceName"]);
  alert.source.space = workspace ?? workspaceOf(incident["id"]);
  alert.external = { id: incidentIdOf(incident), url: linkOf(properties["incidentUrl"]) };
  alert.title = toTitle(textOf(properties["title"]) ?? "");
  alert.description = textOf(properties["description"]);
  Object.assign(alert, readGrade(properties["severity"], {}, flags));
  alert.event_time = readTimeAt("firstActivityTimeUtc", properties["firstActivityTimeUtc"], flags);
  alert.detected_at = readTimeAt("createdTimeUtc", properties["createdTimeUtc"], flags);
  fillStatus(alert, properties);
  alert.rule.uuid = lastPart(textsOf(properties["relatedAnalyticRuleIds"])[0]);
  alert.tags = unique(listOf(properties["labels"]).flatMap(({ labelName }) => textsOf(labelName)));
  fillFindings(alert, incident, properties, body);
}

/**
 * An incident does not say when its status was set, only when it was last changed. For one that
 * nobody has touched that says nothing, so it counts for the others only.
 */
function fillStatus(alert: AlertContent, properties: JsonObject): void {
  const { flags } = alert.provenance;
  const word = textOf(properties["status"]) ?? "New";
  const status = pick(STATUSES, word.toLowerCase());
  if (status === undefined) flags.push(`status: ${quote(word)} is not known`);
  alert.status = status ?? "new";
  const changed = readTimeAt("lastModifiedTimeUtc", properties["lastModifiedTimeUtc"], flags);
  alert.status_changed_at = alert.status === "new" ? null : changed;
  const verdict = textOf(properties["classification"]);
  alert.verdict = verdict === null ? null : (pick(VERDICTS, verdict.toLowerCase()) ?? verdict);
}

function pick<T>(map: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

function fillFindings(
  alert: AlertContent,
  incident: JsonObject,
  properties: JsonObject,
  body: JsonObject,
): void {
  const { flags } = alert.provenance;
  const sources = [objectAt(properties, "additionalData"), ...alertsOf(properties)];
  const all = (name: string) => sources.flatMap((source) => textsOf(source[name]));
  alert.attack = readTactics(all("tactics"), all("techniques"), flags);
  const entities = collectEntities([
    ...listOf(properties["relatedEntities"]),
    ...listOf(incident["Entities"]),
    ...(isObject(body["object"]) ? listOf(body["Entities"]) : []),
  ]);
  alert.artifacts = entities.list();
  flags.push(...entities.flags());
}

function workspaceOf(id: unknown): string | null {
  return /\/workspaces\/([^/]+)\//i.exec(textOf(id) ?? "")?.[1] ?? null;
}

function lastPart(id: unknown): string | null {
  return textOf(textOf(id)?.split("/").at(-1));
}
