/** Alerts of Azure Monitor in its common alert schema, which action groups post to webhooks. */
import type { AlertContent } from "../../alert/schema.ts";
import { ArtifactSet } from "../../alert/artifacts.ts";
import type { Severity } from "../../alert/severity.ts";
import { toTitle } from "../../alert/text.ts";
import { linkOf, quote, textOf, textsOf } from "../read.ts";
import { readGrade, readTimeAt } from "../readings.ts";
import type { JsonObject } from "../source.ts";

/** As Azure names them: critical, error, warning, informational, verbose. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  sev0: "critical",
  sev1: "high",
  sev2: "medium",
  sev3: "informational",
  sev4: "informational",
};

/** Fills an alert (in place) from the essentials of a body. */
export function fillMonitor(alert: AlertContent, essentials: JsonObject): void {
  const { flags } = alert.provenance;
  alert.source.product = "Azure Monitor";
  alert.external = {
    id: textOf(essentials["alertId"]),
    url: linkOf(essentials["investigationLink"]),
  };
  alert.title = toTitle(textOf(essentials["alertRule"]) ?? "");
  alert.description = textOf(essentials["description"]);
  Object.assign(alert, readGrade(essentials["severity"], SEVERITIES, flags));
  // The one time there is: since then the condition holds.
  alert.event_time = readTimeAt("firedDateTime", essentials["firedDateTime"], flags);
  alert.detected_at = alert.event_time;
  fillCondition(alert, essentials);
  const artifacts = new ArtifactSet();
  for (const id of textsOf(essentials["alertTargetIDs"])) addTarget(artifacts, id);
  alert.artifacts = artifacts.list();
  flags.push(...artifacts.flags());
}

function fillCondition(alert: AlertContent, essentials: JsonObject): void {
  const { flags } = alert.provenance;
  const condition = textOf(essentials["monitorCondition"]) ?? "Fired";
  if (!/^(?:fired|resolved)$/i.test(condition)) {
    flags.push(`monitorCondition: ${quote(condition)} is not known`);
  }
  if (!/^resolved$/i.test(condition)) return;
  alert.status = "closed";
  const resolved = readTimeAt("resolvedDateTime", essentials["resolvedDateTime"], flags);
  if (resolved !== null) alert.reason = `resolved at ${resolved}`;
}

/** A virtual machine is a host; any other resource has its id and no more. */
function addTarget(artifacts: ArtifactSet, id: string): void {
  const at = { field: "data.essentials.alertTargetIDs", role: "target" } as const;
  const machine = /\/virtualmachines\/([^/]+)$/i.exec(id)?.[1];
  if (machine === undefined) artifacts.add("other", id, at);
  else artifacts.add("host", machine, at);
}
