/** The rule behind an Elastic document, by its own account and by that of the message around it. */
import { emptyContent } from "../alert/content.ts";
import type { AlertContent, Attack } from "../alert/schema.ts";
import { clip, toLine } from "../alert/text.ts";
import type { ElasticDocument } from "./document.ts";

type Rule = AlertContent["rule"];

/** What the message around a document says about its rule. Every part may be missing. */
export interface RuleFacts {
  readonly rule?: Partial<Rule>;
  readonly description?: string | null;
  readonly reason?: string | null;
  /** The rule's severity, as it came. */
  readonly severity?: string | null;
  readonly risk_score?: number | null;
  readonly attack?: readonly Attack[];
  readonly space?: string | null;
  /** Where the alert can be looked at; absolute. */
  readonly url?: string | null;
  /** When the rule ran, as it came. */
  readonly date?: string | null;
}

/** Where the same statement stands in alerts, in their rule's parameters and in legacy signals. */
export const RULE_PATHS = {
  id: ["kibana.alert.rule.rule_id", "signal.rule.rule_id", "kibana.alert.rule.parameters.rule_id"],
  uuid: ["kibana.alert.rule.uuid", "signal.rule.id"],
  name: ["kibana.alert.rule.name", "signal.rule.name"],
  version: ["kibana.alert.rule.version", "signal.rule.version"],
  note: ["kibana.alert.rule.note", "signal.rule.note", "kibana.alert.rule.parameters.note"],
  description: [
    "kibana.alert.rule.description",
    "signal.rule.description",
    "kibana.alert.rule.parameters.description",
  ],
  // An override of the rule's severity or score is on the alert; the rule keeps its own.
  severity: ["kibana.alert.severity", "kibana.alert.rule.severity", "signal.rule.severity"],
  riskScore: ["kibana.alert.risk_score", "kibana.alert.rule.risk_score", "signal.rule.risk_score"],
} as const;

/** The rule of a detection alert; `known` fills what the alert does not say. */
export function readAlertRule(document: ElasticDocument, known: Partial<Rule>): Rule {
  const tags = readList(document, "kibana.alert.rule.tags", "signal.rule.tags");
  const references = readList(document, "kibana.alert.rule.references", "signal.rule.references");
  return {
    id: document.first(...RULE_PATHS.id) ?? known.id ?? null,
    uuid: document.first(...RULE_PATHS.uuid) ?? known.uuid ?? null,
    name: document.first(...RULE_PATHS.name) ?? known.name ?? null,
    version: document.first(...RULE_PATHS.version) ?? known.version ?? null,
    tags: tags.length > 0 ? tags : (known.tags ?? []),
    url: known.url ?? null,
    note: document.first(...RULE_PATHS.note) ?? known.note ?? null,
    references: references.length > 0 ? references : (known.references ?? []),
  };
}

/** The rule that matched a raw document. ECS `rule.*` in it is the sensor's, so it comes second. */
export function readHitRule(document: ElasticDocument, known: Partial<Rule>): Rule {
  const { rule } = emptyContent({ name: "", kind: "", vendor: "", product: "", space: null });
  if (known.name || known.uuid || known.id) return { ...rule, ...known };
  return {
    ...rule,
    id: document.text("rule.id"),
    uuid: document.text("rule.uuid"),
    name: document.first("rule.name", "rule"),
    version: document.text("rule.version"),
    references: document.texts("rule.reference"),
  };
}

/**
 * The name under which alerts of one rule are gathered, on one line of at most 256 characters:
 * what the message calls the rule, else what the document does, else an id of the rule, else
 * `unknown`.
 */
export function streamOf(document: ElasticDocument, known: Partial<Rule> = {}): string {
  return clip(ruleOf(document, known), 256);
}

/** The same, however long it is: for telling rules apart. */
export function ruleOf(document: ElasticDocument, known: Partial<Rule> = {}): string {
  const name = known.name ?? document.first(...RULE_PATHS.name, "rule.name", "rule");
  const id = () => known.uuid ?? known.id ?? document.first(...RULE_PATHS.uuid, ...RULE_PATHS.id);
  const rule = toLine(name ?? id() ?? "");
  return rule === "" ? "unknown" : rule;
}

function readList(document: ElasticDocument, modern: string, legacy: string): string[] {
  const values = document.texts(modern);
  return values.length > 0 ? values : document.texts(legacy);
}
