import { z } from "zod";
import { readAttackIds } from "../../alert/attack.ts";
import { emptyContent } from "../../alert/content.ts";
import { boundKey } from "../../alert/key.ts";
import type { AlertContent } from "../../alert/schema.ts";
import type { Severity } from "../../alert/severity.ts";
import { toTitle } from "../../alert/text.ts";
import { readTime } from "../../alert/time.ts";
import { linkOf, quote, textOf, unique } from "../read.ts";
import { joinSeverities, readGrade, readTimeAt, severityMap } from "../readings.ts";
import type { JsonObject, NormaliseContext, Normalised, SourceEvent } from "../source.ts";
import { collectArtifacts } from "./artifacts.ts";
import { alertOf, keyOf, leftOut, membersOf, nameOf, statusOf, UNNAMED } from "./notification.ts";

/** Settings of every source that reads notifications. */
export const notificationSettings = z.strictObject({
  severity_label: z
    .string()
    .min(1)
    .default("severity")
    .describe("The label that holds the severity."),
  severity_map: severityMap,
});
export type NotificationSettings = z.output<typeof notificationSettings>;

/** What `page` and `none` mean in the rules that are shared among users of Prometheus. */
const SEVERITIES: Readonly<Record<string, Severity>> = { page: "critical", none: "informational" };

const MAX_TAGS = 100;

/** Who made the notification, and the scheme of its keys. */
interface Product {
  readonly scheme: string;
  readonly vendor: string;
  readonly product: string;
}

/** Reads one alert in its notification. A resolved one is the end of what its firing opened. */
export function normaliseNotification(
  event: SourceEvent,
  context: NormaliseContext<NotificationSettings>,
  { scheme, vendor, product }: Product,
): Normalised {
  const { document } = event;
  const alert = alertOf(document);
  const labels = membersOf(alert, "labels");
  const flags: string[] = [];
  const artifacts = collectArtifacts(labels, "alerts.labels");
  const { name, kind } = context;
  const space = textOf(document["orgId"]);
  const content: AlertContent = {
    ...emptyContent({ name, kind, vendor, product, space }),
    external: { id: textOf(alert["fingerprint"]), url: linkOf(alert["generatorURL"]) },
    ...readTexts(alert, flags),
    ...readSeverityLabel(labels, context.config, flags),
    ...readState(document, alert, flags),
    ...readTimes(alert, flags),
    rule: readRule(alert),
    attack: readAttackIds(Object.entries(labels).flatMap(labelOfAttack)),
    artifacts: artifacts.list(),
    tags: readTags(labels, context.config),
    provenance: { repaired: [...event.repaired], flags: [...flags, ...artifacts.flags()] },
  };
  const key = keyOf(alert, scheme, name);
  return { alert: content, updates: key === null ? undefined : boundKey(key) };
}

function readTexts(
  alert: JsonObject,
  flags: string[],
): Pick<AlertContent, "title" | "description"> {
  const annotations = membersOf(alert, "annotations");
  const name = nameOf(alert);
  if (name === UNNAMED) flags.push("rule.name: no label alertname");
  const title = ["summary", "title"].map((member) => toTitle(textOf(annotations[member]) ?? ""));
  return {
    title: title.find((text) => text !== "") ?? name,
    description: textOf(annotations["description"]) ?? textOf(annotations["message"]),
  };
}

function readSeverityLabel(
  labels: JsonObject,
  { severity_label, severity_map }: NotificationSettings,
  flags: string[],
): Pick<AlertContent, "severity" | "severity_original"> {
  return readGrade(labels[severity_label], joinSeverities(severity_map, SEVERITIES), flags);
}

function readState(
  document: JsonObject,
  alert: JsonObject,
  flags: string[],
): Pick<AlertContent, "status" | "reason"> {
  const status = statusOf(document, alert);
  if (status === null) flags.push(`status: ${quote(textOf(alert["status"]) ?? "")} is not known`);
  const count = leftOut(document);
  if (count > 0) flags.push(`truncatedAlerts: ${count} of the group were left out by the sender`);
  const reasons = [readValues(alert), status === "closed" ? readEnd(alert) : null];
  const reason = reasons.filter((text) => text !== null).join("; ");
  return { status: status ?? "new", reason: reason === "" ? null : reason };
}

/** The year 1 is Go's way of saying that no end is known. */
function readEnd(alert: JsonObject): string | null {
  const time = readTime(textOf(alert["endsAt"]));
  return time === null ? null : `resolved at ${time}`;
}

/** What Grafana measured: `values`, by the name of the query, or all of it as one text. */
function readValues(alert: JsonObject): string | null {
  const values = Object.entries(membersOf(alert, "values"));
  const texts = values.flatMap(([name, value]) => {
    const text = textOf(value);
    return text === null ? [] : [`${name}=${text}`];
  });
  return texts.length > 0 ? texts.join(", ") : textOf(alert["valueString"]);
}

/** There is one time, that since which the rule fires. */
function readTimes(
  alert: JsonObject,
  flags: string[],
): Pick<AlertContent, "event_time" | "detected_at"> {
  const time = readTimeAt("startsAt", alert["startsAt"], flags);
  return { event_time: time, detected_at: time };
}

function readRule(alert: JsonObject): AlertContent["rule"] {
  const { rule } = emptyContent({ name: "", kind: "", vendor: "", product: "", space: null });
  const name = nameOf(alert);
  const { runbook_url } = membersOf(alert, "annotations");
  const links = [runbook_url, alert["dashboardURL"], alert["panelURL"], alert["silenceURL"]];
  const references = links.flatMap((link) => linkOf(link) ?? []);
  return { ...rule, name: name === UNNAMED ? null : name, references: unique(references) };
}

/** Labels such as `mitre_technique: T1110`; in others the same letters may mean anything. */
function labelOfAttack([name, value]: [string, unknown]): string[] {
  return /mitre|attack|tactic|technique/i.test(name) ? [textOf(value) ?? ""] : [];
}

/** The labels that have no place of their own, as Prometheus writes them: `team=web`. */
function readTags(labels: JsonObject, { severity_label }: NotificationSettings): string[] {
  const tags = Object.entries(labels).flatMap(([name, value]) => {
    const text = name === "alertname" || name === severity_label ? null : textOf(value);
    return text === null ? [] : [`${name}=${text}`];
  });
  return unique(tags).slice(0, MAX_TAGS);
}
