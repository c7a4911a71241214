/**
 * From an Elastic document to an alert. It may be a detection alert (`kibana.alert.*`), a legacy
 * signal (`signal.*`), or the raw document that an Elasticsearch-query rule matched. What the
 * message around the document says about the rule fills what the document leaves open.
 */
import { mergeAttack } from "../alert/attack.ts";
import { emptyContent } from "../alert/content.ts";
import type { AlertContent, Status } from "../alert/schema.ts";
import { readSeverity } from "../alert/severity.ts";
import { toTitle } from "../alert/text.ts";
import { readTime } from "../alert/time.ts";
import type { ElasticDocument } from "./document.ts";
import { readArtifacts } from "./observables.ts";
import { readAlertRule, readHitRule, RULE_PATHS, type RuleFacts } from "./rule.ts";
import { readDocumentThreat } from "./threat.ts";

export interface ElasticContext {
  /** The source's name and kind in the configuration. */
  readonly name: string;
  readonly kind: string;
  /** What made documents that are no detection alerts. */
  readonly product: string;
  readonly repaired: readonly string[];
  readonly facts?: RuleFacts;
  /** Whether `@timestamp` is when the alert was raised although the document is no alert. */
  readonly isMessage?: boolean;
}

const STATUS: Readonly<Record<string, Status>> = {
  open: "new",
  acknowledged: "acknowledged",
  "in-progress": "acknowledged",
  closed: "closed",
};

const UNTITLED = "Untitled alert";

/** Makes an alert of a document and the facts around it. Never throws, whatever they hold. */
export function normaliseElastic(document: ElasticDocument, context: ElasticContext): AlertContent {
  const { facts = {} } = context;
  const isAlert = isDetectionAlert(document);
  const content = emptyContent(readSource(document, context, isAlert));
  content.provenance.repaired.push(...context.repaired);
  content.rule = (isAlert ? readAlertRule : readHitRule)(document, facts.rule ?? {});
  readTexts(content, document, facts);
  readGrading(content, document, facts);
  if (isAlert || context.isMessage === true) readAlertTimes(content, document, facts);
  else readHitTimes(content, document, facts);
  readState(content, document, facts);
  readFindings(content, document, facts);
  return content;
}

/** Whether the detection engine (or a stack rule) made this document, in any version. */
export function isDetectionAlert(document: ElasticDocument): boolean {
  return (
    document.has("kibana.alert.rule.name") ||
    document.has("kibana.alert.uuid") ||
    document.has("kibana.alert.rule.uuid") ||
    document.object("signal") !== null ||
    document.has("signal.rule.id")
  );
}

function readSource(
  document: ElasticDocument,
  { name, kind, product, facts }: ElasticContext,
  isAlert: boolean,
): AlertContent["source"] {
  return {
    name,
    kind,
    vendor: "Elastic",
    product: isAlert ? readProduct(document) : product,
    space: document.text("kibana.space_ids") ?? facts?.space ?? readSpace(document),
  };
}

/** Stack and observability rules write alerts of the same form; their consumer tells. */
function readProduct(document: ElasticDocument): string {
  const consumer = document.text("kibana.alert.rule.consumer");
  return consumer === null || consumer === "siem" ? "Elastic Security" : "Kibana";
}

/** Signals of 7.x name their space only in their index: `.siem-signals-<space>-000001`. */
function readSpace(document: ElasticDocument): string | null {
  return /siem-signals-(.+?)-\d{6}/.exec(document.text("_index") ?? "")?.[1] ?? null;
}

function readTexts(content: AlertContent, document: ElasticDocument, facts: RuleFacts): void {
  content.description = document.first(...RULE_PATHS.description) ?? facts.description ?? null;
  content.reason = document.first("kibana.alert.reason", "signal.reason") ?? facts.reason ?? null;
  for (const title of candidates(content, document)) {
    content.title = toTitle(title ?? "");
    if (content.title !== "") return;
  }
  content.title = UNTITLED;
  content.provenance.flags.push("title: not found");
}

function* candidates(content: AlertContent, document: ElasticDocument): Generator<string | null> {
  yield content.rule.name;
  yield document.text("rule.name");
  yield content.reason;
  yield document.text("message");
  yield document.text("event.action");
}

function readGrading(content: AlertContent, document: ElasticDocument, facts: RuleFacts): void {
  const { flags } = content.provenance;
  const original = document.first(...RULE_PATHS.severity) ?? facts.severity ?? null;
  content.severity_original = original ?? document.text("event.severity");
  content.severity = readSeverity(content.severity_original);
  if (original !== null && content.severity === "unknown") flags.push("severity: not known");
  const score = readScore(document) ?? facts.risk_score ?? document.number("event.risk_score");
  if (score === null) return;
  if (score >= 0 && score <= 100) content.risk_score = score;
  else flags.push("risk_score: outside 0 to 100");
}

function readScore(document: ElasticDocument): number | null {
  for (const path of RULE_PATHS.riskScore) {
    const score = document.number(path);
    if (score !== null) return score;
  }
  return null;
}

/** `@timestamp` of an alert is when it was raised; what it is about happened earlier. */
function readAlertTimes(content: AlertContent, document: ElasticDocument, facts: RuleFacts): void {
  const happened = document.first("kibana.alert.original_time", "signal.original_time");
  const raised = document.text("@timestamp") ?? facts.date ?? null;
  content.event_time = checkTime(content, "event_time", happened);
  content.detected_at = checkTime(content, "detected_at", raised);
}

/** `@timestamp` of a raw document is when it happened; the rule ran later. */
function readHitTimes(content: AlertContent, document: ElasticDocument, facts: RuleFacts): void {
  content.event_time = checkTime(content, "event_time", document.text("@timestamp"));
  content.detected_at = checkTime(content, "detected_at", facts.date ?? null);
}

function checkTime(content: AlertContent, field: string, text: string | null): string | null {
  const time = readTime(text);
  if (text !== null && time === null) content.provenance.flags.push(`${field}: not a time`);
  return time;
}

function readState(content: AlertContent, document: ElasticDocument, facts: RuleFacts): void {
  const status = document.first("kibana.alert.workflow_status", "signal.status")?.toLowerCase();
  if (status !== undefined && Object.hasOwn(STATUS, status))
    content.status = STATUS[status] ?? "new";
  // Kibana writes it with the first change of the status, and not before.
  const changed = document.text("kibana.alert.workflow_status_updated_at");
  content.status_changed_at = checkTime(content, "status_changed_at", changed);
  content.verdict = document.text("kibana.alert.workflow_reason");
  content.external = {
    id: document.first("kibana.alert.uuid", "_id"),
    url: resolveLink(document.text("kibana.alert.url"), null) ?? facts.url ?? null,
  };
}

/**
 * An absolute http(s) link, or null. Kibana writes relative ones where it does not know its public
 * address; they are joined to `base` when that is known and lead nowhere otherwise.
 */
export function resolveLink(link: string | null, base: string | null): string | null {
  if (link === null) return null;
  const url = link.startsWith("/") && base !== null ? base.replace(/\/+$/, "") + link : link;
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? url : null;
}

function readFindings(content: AlertContent, document: ElasticDocument, facts: RuleFacts): void {
  const workflow = document.texts("kibana.alert.workflow_tags");
  const known = facts.rule?.tags ?? [];
  content.tags = [...new Set([...content.rule.tags, ...known, ...workflow])];
  content.attack = mergeAttack(readDocumentThreat(document, content.tags), facts.attack ?? []);
  const artifacts = readArtifacts(document);
  content.artifacts = artifacts.list();
  content.provenance.flags.push(...artifacts.flags());
}
