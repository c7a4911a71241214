import { mergeAttack, readAttackIds } from "../../alert/attack.ts";
import { emptyContent } from "../../alert/content.ts";
import type { AlertContent, Attack } from "../../alert/schema.ts";
import { readSeverity, type Severity } from "../../alert/severity.ts";
import { readTime } from "../../alert/time.ts";
import { isObject, linkOf, quote, textOf, textsOf, unique } from "../read.ts";
import type { JsonObject, NormaliseContext, Normalised, SourceEvent } from "../source.ts";
import { readStatus } from "../status.ts";
import { collectArtifacts } from "./artifacts.ts";
import { nameOf, notableIdOf, rowOf, titleOf } from "./row.ts";

/**
 * Numeric urgencies: Enterprise Security's six grades in their order (unknown, informational, low,
 * medium, high, critical), which is also where a saved search's `alert.severity` lands
 * (1 debug, 2 info, 3 warn, 4 error, 5 severe, 6 fatal).
 */
const SEVERITY_NUMBERS: Readonly<Record<string, Severity>> = {
  "0": "unknown",
  "1": "informational",
  "2": "low",
  "3": "medium",
  "4": "high",
  "5": "critical",
  "6": "critical",
};

/** Urgency is severity weighed with the priority of the asset, so it says most. */
const SEVERITY_FIELDS = ["urgency", "severity", "priority"];

const ES_APP = "SplunkEnterpriseSecuritySuite";

/** Reads one row of a search, in its envelope, into an alert. */
export function normaliseSplunk(
  event: SourceEvent,
  context: NormaliseContext<unknown>,
): Normalised {
  const { document } = event;
  const row = rowOf(document);
  const notable = notableIdOf(row);
  const flags: string[] = [];
  const artifacts = collectArtifacts(row);
  const title = titleOf(document);
  const alert: AlertContent = {
    ...emptyContent(readSource(document, notable, context)),
    external: { id: notable ?? textOf(document["sid"]), url: linkOf(document["results_link"]) },
    title,
    description: textOf(row["rule_description"]) ?? textOf(row["description"]),
    reason: readReason(row, title),
    ...readGrade(row, flags),
    risk_score: readRisk(row, flags),
    status: readStatus(row["status_label"]) ?? readStatus(row["status"]) ?? "new",
    verdict: textOf(row["disposition_label"]),
    ...readTimes(document, row, notable !== null, flags),
    rule: readRule(document, row),
    attack: readAttack(row),
    artifacts: artifacts.list(),
    tags: unique(["tag", "tags"].flatMap((field) => listTexts(row[field]))),
    provenance: { repaired: [...event.repaired], flags: [...flags, ...artifacts.flags()] },
  };
  return { alert };
}

function readSource(
  document: JsonObject,
  notable: string | null,
  context: NormaliseContext<unknown>,
): AlertContent["source"] {
  const secure = notable !== null || textOf(document["app"]) === ES_APP;
  return {
    name: context.name,
    kind: context.kind,
    vendor: "Splunk",
    product: secure ? "Splunk Enterprise Security" : "Splunk",
    space: null,
  };
}

/** The most telling text that the title does not say already. */
function readReason(row: JsonObject, title: string): string | null {
  const fields = ["rule_title", "signature", "reason", "message", "Message", "_raw"];
  const texts = fields.map((field) => textOf(row[field]));
  return texts.find((text) => text !== null && text !== title) ?? null;
}

function readGrade(
  row: JsonObject,
  flags: string[],
): Pick<AlertContent, "severity" | "severity_original"> {
  const texts = SEVERITY_FIELDS.flatMap((field) => textOf(row[field]) ?? []);
  for (const text of texts) {
    const severity = readSeverity(text, SEVERITY_NUMBERS);
    if (severity !== "unknown") return { severity, severity_original: text };
  }
  const [original] = texts;
  if (original === undefined) return { severity: "unknown", severity_original: null };
  if (!/^(0|unknown)$/i.test(original)) flags.push(`severity: ${quote(original)} is not known`);
  return { severity: "unknown", severity_original: original };
}

/** Scores of risk-based alerting have no upper end; the alert's goes to 100. */
function readRisk(row: JsonObject, flags: string[]): number | null {
  const text = textOf(row["risk_score"]) ?? textOf(row["calculated_risk_score"]);
  if (text === null) return null;
  const score = Number(text);
  if (Number.isFinite(score) && score >= 0 && score <= 100) return score;
  const readable = Number.isFinite(score) && score > 100;
  flags.push(`risk_score: ${quote(text)} is ${readable ? "capped at 100" : "not a score"}`);
  return readable ? 100 : null;
}

/**
 * `_time` is the time of the event, except in a notable: there it is when the notable was made and
 * `orig_time` is the event's. Otherwise the search's id carries when it was scheduled
 * (`scheduler__…_at_1700000000_12`).
 */
function readTimes(
  document: JsonObject,
  row: JsonObject,
  notable: boolean,
  flags: string[],
): Pick<AlertContent, "event_time" | "detected_at"> {
  const time = readField(row, "_time", flags);
  if (notable) return { event_time: readField(row, "orig_time", flags) ?? time, detected_at: time };
  const scheduled = /_at_(\d{10})_/.exec(textOf(document["sid"]) ?? "")?.[1];
  return { event_time: time, detected_at: readTime(scheduled) };
}

function readField(row: JsonObject, field: string, flags: string[]): string | null {
  const text = textOf(row[field]);
  if (text === null) return null;
  const time = readTime(text);
  if (time === null) flags.push(`${field}: ${quote(text)} is not a time`);
  return time;
}

function readRule(document: JsonObject, row: JsonObject): AlertContent["rule"] {
  return {
    id: null,
    uuid: null,
    name: nameOf(document),
    version: null,
    tags: [],
    url: null,
    note: textOf(row["drilldown_search"]),
    references: [],
  };
}

/**
 * ATT&CK ids stand under many names (`annotations.mitre_attack`, `mitre_attack_id`,
 * `mitre_technique_id`, …) as text, list or JSON, so every field that speaks of MITRE is searched.
 */
function readAttack(row: JsonObject): Attack[] {
  const fields = Object.keys(row).filter((name) => /mitre|^annotations$|^tags?$/i.test(name));
  return mergeAttack(fields.flatMap((field) => readAttackIds(flatten(row[field]))));
}

function flatten(value: unknown): string[] {
  return isObject(value) ? [JSON.stringify(value)] : textsOf(value);
}

function listTexts(value: unknown): string[] {
  return textsOf(value).flatMap((text) => textsOf(text.split(",")));
}
