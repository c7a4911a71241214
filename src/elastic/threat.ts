import { mergeAttack, readAttackIds, readThreat } from "../alert/attack.ts";
import type { Attack } from "../alert/schema.ts";
import type { ElasticDocument } from "./document.ts";

const RULE_PATHS = [
  "kibana.alert.rule.threat",
  "signal.rule.threat",
  "kibana.alert.rule.parameters.threat",
];

/**
 * ATT&CK of a document: the rule's `threat`, the event's own ECS `threat.*` and the ids among the
 * rule's tags, merged.
 */
export function readDocumentThreat(document: ElasticDocument, tags: readonly string[]): Attack[] {
  const rule = RULE_PATHS.map((path) => readAt(document, path)).find((found) => found.length > 0);
  return mergeAttack(rule ?? [], readAt(document, "threat"), readAttackIds(tags));
}

function readAt(document: ElasticDocument, path: string): Attack[] {
  const nested = readThreat(document.values(path));
  return nested.length > 0 ? nested : readPivoted(document, path);
}

/** The `fields` API and flat documents hold the leaves as parallel arrays under dotted names. */
function readPivoted(document: ElasticDocument, path: string): Attack[] {
  const tactic = readLeaves(document, `${path}.tactic`);
  const technique = readLeaves(document, `${path}.technique`);
  const subtechnique = readLeaves(document, `${path}.technique.subtechnique`);
  if (tactic.id.length + technique.id.length + subtechnique.id.length === 0) return [];
  return readThreat({ tactic, technique: { ...technique, subtechnique } });
}

function readLeaves(document: ElasticDocument, path: string): { id: unknown[]; name: unknown[] } {
  return { id: document.values(`${path}.id`), name: document.values(`${path}.name`) };
}
