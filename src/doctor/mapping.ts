/** Whether the fields that matter are mapped so that nothing is refused or overlooked. */
import type { ElasticCluster } from "../elastic/cluster/cluster.ts";
import { found, foundError, type Finding } from "./finding.ts";
import type { Reader } from "./reader.ts";

type FieldTypes = ReadonlyMap<string, readonly string[]>;

const TIME = "@timestamp";
const UUID = "kibana.alert.uuid";
const CHANGED_AT = "kibana.alert.workflow_status_updated_at";
const RULE_NAME = "rule.name";
/** Where documents are that a rule found: whatever they hold, in whatever form. */
const HITS = ["context.hits", "context.alerts"];

const DATES = ["date", "date_nanos"];
const TEXTS = ["keyword", "constant_keyword", "wildcard", "text", "match_only_text"];

/** Looks at the mapping behind these names, which are there. */
export async function checkMapping(
  cluster: ElasticCluster,
  { name, reads }: Reader,
  there: readonly string[],
): Promise<readonly Finding[]> {
  const fields = [TIME, UUID, CHANGED_AT, RULE_NAME, ...HITS];
  try {
    const types = await cluster.fieldTypes(there.join(","), fields);
    const findings = reads === "actions" ? checkActions(types, name) : checkAlerts(types, name);
    if (findings.some(({ outcome }) => outcome !== "ok")) return findings;
    return [found("mapping", "ok", describe(types, reads), { source: name })];
  } catch (error) {
    return [foundError("mapping", error, name)];
  }
}

function checkActions(types: FieldTypes, source: string): Finding[] {
  return [
    ...checkTime(types, source),
    ...checkRuleName(types, source),
    ...checkHits(types, source),
  ];
}

function checkAlerts(types: FieldTypes, source: string): Finding[] {
  return [...checkTime(types, source), ...checkUuid(types, source)];
}

function checkTime(types: FieldTypes, source: string): Finding[] {
  const wrong = othersThan(DATES, types.get(TIME));
  if (wrong.length > 0) {
    const text = `${TIME} is mapped as ${wrong.join(", ")}: it cannot be read in the order of time`;
    const hint = "it has to be a date in every index that is read; reindex, or read others";
    return [found("mapping", "problem", text, { source, hint })];
  }
  if (types.has(TIME)) return [];
  const hint = "in the connector, switch on the time field for each document, with @timestamp";
  const text = `there is no ${TIME}: documents are read in the order of the index instead`;
  return [found("mapping", "warning", text, { source, hint })];
}

/** The first document has decided; what others say is refused. */
function checkRuleName(types: FieldTypes, source: string): Finding[] {
  const wrong = othersThan(TEXTS, types.get(RULE_NAME));
  if (wrong.length === 0) return [];
  const text = `${RULE_NAME} is mapped as ${wrong.join(", ")}: the index refuses rules with other names`;
  return [found("mapping", "warning", text, { source, hint: USE_TEMPLATE })];
}

function checkHits(types: FieldTypes, source: string): Finding[] {
  const mapped = HITS.filter((field) => types.has(field));
  if (mapped.length === 0) return [];
  const text = `${mapped.join(", ")} is mapped: the index refuses documents of another form, and Kibana loses them`;
  return [found("mapping", "warning", text, { source, hint: USE_TEMPLATE })];
}

const USE_TEMPLATE = "make a new index with the template that --bodies prints";

function checkUuid(types: FieldTypes, source: string): Finding[] {
  const wrong = othersThan(["keyword"], types.get(UUID));
  if (wrong.length === 0) return [];
  const text = `${UUID} is mapped as ${wrong.join(", ")}: this is no index of Kibana's alerts`;
  const hint = "check index, spaces and from of the source";
  return [found("mapping", "warning", text, { source, hint })];
}

function othersThan(expected: readonly string[], types: readonly string[] = []): string[] {
  // An index that does not have the field is told as `unmapped`.
  return types.filter((type) => type !== "unmapped" && !expected.includes(type));
}

function describe(types: FieldTypes, reads: Reader["reads"]): string {
  const shown = (reads === "actions" ? [TIME, RULE_NAME] : [TIME, UUID]).filter((field) =>
    types.has(field),
  );
  const parts = shown.map((field) => `${field} is ${(types.get(field) ?? []).join(", ")}`);
  if (reads === "alerts" && !types.has(CHANGED_AT))
    parts.push("when a status changes is not written down, so changes are not seen");
  return parts.join("; ");
}
