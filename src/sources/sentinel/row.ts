/** Rows of the table SecurityAlert: what the products that Sentinel is connected with detected. */
import type { AlertContent, Status } from "../../alert/schema.ts";
import { toTitle } from "../../alert/text.ts";
import { linkOf, quote, textOf, textsOf } from "../read.ts";
import { readGrade, readTimeAt } from "../readings.ts";
import type { JsonObject, JsonValue } from "../source.ts";
import { readTactics } from "./attack.ts";
import { collectEntities } from "./entities.ts";
import { listOf, objectAt, unpack } from "./forms.ts";

const STATUSES: Readonly<Record<string, Status>> = {
  new: "new",
  unknown: "new",
  inprogress: "acknowledged",
  resolved: "closed",
  dismissed: "closed",
};

/** The analytic rule where Sentinel made the alert, else what the product calls it. */
export function rowRuleOf(row: JsonObject): string | null {
  const rule = textOf(objectAt(row, "ExtendedProperties")["Analytic Rule Name"]);
  return rule ?? textOf(row["AlertName"]) ?? textOf(row["DisplayName"]);
}

/** Fills an alert (in place) from a row. */
export function fillRow(alert: AlertContent, row: JsonObject): void {
  const { flags } = alert.provenance;
  alert.source.product = textOf(row["ProductName"]) ?? alert.source.product;
  alert.external = { id: textOf(row["SystemAlertId"]), url: linkOf(row["AlertLink"]) };
  alert.title = toTitle(textOf(row["DisplayName"]) ?? textOf(row["AlertName"]) ?? "");
  alert.description = textOf(row["Description"]);
  Object.assign(alert, readGrade(row["AlertSeverity"], {}, flags));
  alert.event_time = readTimeAt("StartTime", row["StartTime"], flags);
  alert.detected_at = readTimeAt("TimeGenerated", row["TimeGenerated"], flags);
  alert.rule.uuid = wordsOf(objectAt(row, "ExtendedProperties")["Analytic Rule Ids"])[0] ?? null;
  alert.rule.note = wordsOf(row["RemediationSteps"], "\n").join("\n") || null;
  const techniques = [...wordsOf(row["Techniques"]), ...wordsOf(row["SubTechniques"])];
  alert.attack = readTactics(wordsOf(row["Tactics"]), techniques, flags);
  fillStatus(alert, textOf(row["Status"]) ?? "New");
  const entities = collectEntities(listOf(row["Entities"]));
  alert.artifacts = entities.list();
  flags.push(...entities.flags());
}

/** The row of a changed alert is written when it changed. */
function fillStatus(alert: AlertContent, word: string): void {
  const name = word.toLowerCase();
  const known = Object.hasOwn(STATUSES, name) ? STATUSES[name] : undefined;
  if (known === undefined) alert.provenance.flags.push(`status: ${quote(word)} is not known`);
  alert.status = known ?? "new";
  alert.status_changed_at = alert.status === "new" ? null : alert.detected_at;
}

/** A list, a list as JSON in a string, or a text with commas between its words. */
function wordsOf(value: JsonValue | undefined, separator = ","): string[] {
  const list = unpack(value);
  return typeof list === "string" ? textsOf(list.split(separator)) : textsOf(list);
}
