/** What a Kibana action says about its rule, around the documents it carries. */
import { mergeAttack, readAttackIds, readThreat } from "../../alert/attack.ts";
import { isDetectionAlert, resolveLink } from "../../elastic/alert.ts";
import type { ElasticDocument } from "../../elastic/document.ts";
import type { RuleFacts } from "../../elastic/rule.ts";

type RuleFact = NonNullable<RuleFacts["rule"]>;

/**
 * Reads the variables an action may carry: `rule.*`, the older flat `alertName`, `ruleId` …,
 * `context.rule.*` of detection rules (snake_case parameters), and what administrators make of them
 * (`rule` as a bare name).
 */
export function readFacts(envelope: ElasticDocument): RuleFacts {
  const base = envelope.first("kibanaBaseUrl", "kibana_base_url");
  const rule = readRule(envelope, base);
  const links = ["context.results_link", "context.link", "rule.url", "url"];
  return {
    rule,
    description: envelope.first("context.rule.description", "rule.description", "description"),
    reason: envelope.first("context.reason", "reason", "context.message", "message"),
    severity: envelope.first(
      "context.rule.severity",
      "rule.severity",
      "rule.params.severity",
      "severity",
    ),
    risk_score: readScore(envelope),
    attack: mergeAttack(
      readThreat(envelope.values("context.rule.threat")),
      readThreat(envelope.values("rule.params.threat")),
      readAttackIds(rule.tags),
    ),
    space: envelope.first("rule.spaceId", "spaceId"),
    url:
      links.map((path) => resolveLink(envelope.text(path), base)).find((link) => link !== null) ??
      null,
    date: envelope.first("date", "context.date", "@timestamp"),
  };
}

/**
 * Whether a body is an alert document or a search hit itself, without a message around it. Its
 * `rule.*` is then the sensor's and says nothing about Kibana's rule.
 */
export function isBare(body: ElasticDocument): boolean {
  return isDetectionAlert(body) || body.has("_source") || (body.has("fields") && body.has("_id"));
}

function readRule(envelope: ElasticDocument, base: string | null): RuleFact {
  return {
    id: envelope.first("context.rule.rule_id", "rule.params.ruleId", "rule.rule_id"),
    uuid: envelope.first("rule.id", "ruleId", "rule_id", "context.rule.id", "alertId"),
    name: readRuleName(envelope),
    version: envelope.first("context.rule.version", "rule.params.version"),
    tags: readTags(envelope),
    url: resolveLink(envelope.first("rule.url", "ruleUrl"), base),
    note: envelope.first("context.rule.note", "rule.params.note"),
    references: envelope.texts("context.rule.references"),
  };
}

/** The rule's name; numbers count, blanks do not. */
function readRuleName(envelope: ElasticDocument): string | null {
  return envelope.first(
    "rule.name",
    "rule",
    "ruleName",
    "rule_name",
    "alertName",
    "context.rule.name",
  );
}

/**
 * Tags as an array, or as the text that `{{rule.tags}}` renders: joined by commas without a blank,
 * so a comma before a blank belongs to a tag.
 */
function readTags(envelope: ElasticDocument): string[] {
  for (const path of ["rule.tags", "context.rule.tags", "tags"]) {
    const values = envelope.texts(path);
    if (values.length === 1) return (values[0] ?? "").split(/,(?!\s)/).filter((tag) => tag !== "");
    if (values.length > 0) return values;
  }
  return [];
}

function readScore(envelope: ElasticDocument): number | null {
  return (
    envelope.number("context.rule.risk_score") ??
    envelope.number("rule.params.riskScore") ??
    envelope.number("risk_score")
  );
}
