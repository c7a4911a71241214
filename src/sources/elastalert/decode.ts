import { toTitle } from "../../alert/text.ts";
import { openDocument } from "../../elastic/document.ts";
import { identityOf } from "../../elastic/identity.ts";
import { canonicalJson } from "../../receipt/canonical.ts";
import { hashOf, isObject, keyPart, rejectItem } from "../read.ts";
import type { DecodeContext, Decoded, JsonObject, JsonValue } from "../source.ts";
import type { ElastalertConfig } from "./index.ts";

/** What ElastAlert counts while it looks at a match; another count is the same match. */
const VOLATILE = new Set(["num_hits", "num_matches", "kibana_link", "kibana_discover_url"]);

/**
 * One body is one match: the members of the document that matched, those of the static payload beside
 * them, or only those that the rule's payload names (jertel/elastalert2, alerters/httppost.py,
 * httppost2.py). The rule's name is in it only when the operator put it there.
 */
export function decodeElastalert(
  body: JsonValue,
  { config, name }: DecodeContext<ElastalertConfig>,
): Decoded {
  if (!isObject(body)) {
    return reject(rejectItem("not_an_object", "a match is a JSON object", body));
  }
  if (Object.keys(body).length === 0) {
    return reject(rejectItem("not_an_alert", "an empty object", body));
  }
  const rule = ruleOf(body, config);
  const stream = toTitle(rule ?? "") || name;
  return { events: [{ stream, key: keyOf(body, rule, name), document: body }], rejected: [] };
}

function reject(item: Decoded["rejected"][number]): Decoded {
  return { events: [], rejected: [item] };
}

/** The rule's name, where the body has it. ECS `rule.name` is the sensor's rule and not this one. */
export function ruleOf(body: JsonObject, { rule_field }: ElastalertConfig): string | null {
  return openDocument(body).text(rule_field);
}

/**
 * The document and the rule: several rules may match one document, and each says something else.
 * Where no rule is named the rest of the body tells them apart. A match of many documents
 * (aggregations) names none.
 */
function keyOf(body: JsonObject, rule: string | null, source: string): string | null {
  const document = identityOf(openDocument(body));
  if (document === null) return null;
  return `elastalert:${source}:${keyPart(document)}#${keyPart(rule ?? hashLasting(body))}`;
}

function hashLasting(body: JsonObject): string {
  const lasting = Object.entries(body).filter(([name]) => !VOLATILE.has(name));
  return hashOf(canonicalJson(Object.fromEntries(lasting)));
}
