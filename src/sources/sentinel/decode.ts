import { toTitle } from "../../alert/text.ts";
import { isObject, keyPart, rejectItem, textOf } from "../read.ts";
import type { Decoded, JsonObject, JsonValue } from "../source.ts";
import { formOf, type Form } from "./forms.ts";
import { incidentIdOf, incidentRuleOf } from "./incident.ts";
import { rowRuleOf } from "./row.ts";

/** One body is one event: the state in which an incident or an alert is now. */
export function decodeSentinel(body: JsonValue, source: string): Decoded {
  if (!isObject(body)) {
    return reject(rejectItem("not_an_object", "an incident is a JSON object", body));
  }
  const form = formOf(body);
  if (form === null) {
    const detail = "neither an incident, nor a row of SecurityAlert, nor an alert of Azure Monitor";
    return reject(rejectItem("not_an_alert", detail, body));
  }
  return { events: [toEvent(form, body, source)], rejected: [] };
}

function reject(item: Decoded["rejected"][number]): Decoded {
  return { events: [], rejected: [item] };
}

function toEvent(form: Form, document: JsonObject, source: string): Decoded["events"][number] {
  const stream = toTitle(ruleOf(form) ?? "") || "Microsoft Sentinel";
  return { stream, key: keyOf(form, source), version: versionOf(form), document };
}

function ruleOf(form: Form): string | null {
  if (form.kind === "incident") return incidentRuleOf(form.properties);
  if (form.kind === "row") return rowRuleOf(form.row);
  return textOf(form.essentials["alertRule"]);
}

/** The id that the vendor gives once; null where there is none. */
export function keyOf(form: Form, source: string): string | null {
  const id = idOf(form);
  return id === null ? null : `sentinel:${source}:${keyPart(id)}`;
}

function idOf(form: Form): string | null {
  if (form.kind === "incident") return incidentIdOf(form.incident);
  return textOf(form.kind === "row" ? form.row["SystemAlertId"] : form.essentials["alertId"]);
}

/**
 * Whatever changes an incident changes its etag. A row is written anew when its alert changes. An
 * alert of Azure Monitor fires, and is resolved.
 */
function versionOf(form: Form): string | null {
  if (form.kind === "incident") {
    return textOf(form.incident["etag"]) ?? textOf(form.properties["lastModifiedTimeUtc"]);
  }
  if (form.kind === "row") return textOf(form.row["TimeGenerated"]);
  const condition = textOf(form.essentials["monitorCondition"])?.toLowerCase();
  return condition === "resolved" ? condition : null;
}
