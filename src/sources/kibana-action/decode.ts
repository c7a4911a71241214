/**
 * What every source of Kibana's actions shares: from the body of an action to events: one per document it carries, each with the message
 * around it (`{rule, context, …, hit}`); one for the body itself when it has no place for documents
 * (a per-alert action, or an alert document sent as it is); none when the place is empty or the
 * alert recovered.
 */
import { type ElasticDocument, openDocument } from "../../elastic/document.ts";
import { isDetectionAlert } from "../../elastic/alert.ts";
import { identityOf } from "../../elastic/identity.ts";
import { ruleOf, streamOf, type RuleFacts } from "../../elastic/rule.ts";
import { reparse } from "../../receipt/reparse.ts";
import { isObject, rejectItem } from "../read.ts";
import type { Decoded, DecodedEvent, JsonObject, JsonValue, RejectedItem } from "../source.ts";
import { isBare, readFacts } from "./facts.ts";
import { type Documents, readDocuments } from "./slots.ts";

/** What Kibana sends in place of a body whose template cannot be rendered. */
const TEMPLATE_ERROR = /^error rendering mustache template/;

const ACTION_GROUPS = [
  "alert.actionGroup",
  "alert.actionGroupName",
  "alertActionGroup",
  "alertActionGroupName",
  "actionGroup",
];

/**
 * Takes the body of an action apart. Only a body that is no JSON object is rejected whole. A key is
 * null where the document, or the message that stands alone, has no identity of its own.
 */
export function decodeAction(document: JsonValue): Decoded {
  if (!isObject(document)) return { events: [], rejected: [rejectBody(document)] };
  const body = parseParts(document);
  const opened = openDocument(body);
  // An alert's own `data` or `alerts` are fields of it; only an action has a context.
  if (isBare(opened) && !isObject(body["context"])) return readWhole(body, opened);
  const documents = readDocuments(body);
  if (documents.items.length + documents.rejected.length > 0) return readItems(documents);
  if (isRecovered(opened)) return { events: [], rejected: [], empty: "recovered" };
  if (documents.found) return { events: [], rejected: [], empty: "no_hits" };
  return readWhole(body, opened);
}

/** Objects that a template put in quotes (`"context": "{{context}}"`) are read as objects. */
function parseParts(body: JsonObject): JsonObject {
  let read = body;
  for (const name of ["context", "rule", "alert"]) {
    const text = body[name];
    if (typeof text !== "string" || !/^\s*\{/.test(text)) continue;
    const { items } = reparse(text);
    if (items.length === 1 && isObject(items[0])) read = { ...read, [name]: items[0] };
  }
  return read;
}

function readItems({ items, rejected, repaired, envelope }: Documents): Decoded {
  const { rule } = readFacts(openDocument(envelope));
  const events = items.map((item): DecodedEvent => {
    const document = openDocument(item);
    const stream = streamOf(document, rule);
    const key = keyOf(document, rule);
    return { stream, key, document: { ...envelope, hit: item }, repaired };
  });
  return { events, rejected };
}

/** Two rules that match one document raise two alerts, so a hit's key names its rule as well. */
function keyOf(document: ElasticDocument, rule: RuleFacts["rule"]): string | null {
  const identity = identityOf(document);
  if (identity === null || isDetectionAlert(document)) return identity;
  return `${identity}#${ruleOf(document, rule)}`;
}

function readWhole(body: JsonObject, opened: ElasticDocument): Decoded {
  const { rule } = isBare(opened) ? {} : readFacts(opened);
  const event = { stream: streamOf(opened, rule), key: identityOf(opened), document: body };
  return { events: [event], rejected: [] };
}

/** The document that an event of an action carries; null when the message is all there is. */
export function hitOf(event: JsonObject): JsonObject | null {
  const { hit } = event;
  return isObject(hit) ? hit : null;
}

function isRecovered(opened: ElasticDocument): boolean {
  if (opened.first(...ACTION_GROUPS)?.toLowerCase() === "recovered") return true;
  const count = (name: string): number => opened.number(`alerts.${name}.count`) ?? 0;
  return count("recovered") > 0 && count("new") + count("ongoing") === 0;
}

function rejectBody(document: JsonValue): RejectedItem {
  if (typeof document === "string" && TEMPLATE_ERROR.test(document)) {
    return rejectItem("template_error", document.slice(0, 200), document);
  }
  return rejectItem("not_an_object", "not a JSON object", document);
}
