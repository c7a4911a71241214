/**
 * From the body of a Kibana action to events: one per document it carries, each with the message
 * around it (`{rule, context, …, hit}`); one for the body itself when it has no place for documents
 * (a per-alert action, or an alert document sent as it is); none when the place is empty or the
 * alert recovered.
 */
import { type ElasticDocument, openDocument } from "../../elastic/document.ts";
import { isDetectionAlert } from "../../elastic/alert.ts";
import { identityOf } from "../../elastic/identity.ts";
import { streamOf } from "../../elastic/rule.ts";
import { reparse } from "../../receipt/reparse.ts";
import { isObject, keyPart, rejectItem } from "../read.ts";
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

/** Takes the body of an action apart. Only a body that is no JSON object is rejected whole. */
export function decodeKibana(document: JsonValue): Decoded {
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
    return { stream, key: keyOf(document, stream), document: { ...envelope, hit: item }, repaired };
  });
  return { events, rejected };
}

/** Two rules that match one document raise two alerts, so a hit's key names its rule as well. */
function keyOf(document: ElasticDocument, stream: string): string | null {
  const identity = identityOf(document);
  return identity === null || isDetectionAlert(document) ? identity : `${identity}#${stream}`;
}

function readWhole(body: JsonObject, opened: ElasticDocument): Decoded {
  const { rule } = isBare(opened) ? {} : readFacts(opened);
  const event = { stream: streamOf(opened, rule), key: readMessageKey(opened), document: body };
  return { events: [event], rejected: [] };
}

/**
 * The uuid of a per-alert action stays the same while the alert is active; with the time of the
 * action it names one message. Retries repeat both.
 */
function readMessageKey(opened: ElasticDocument): string | null {
  const identity = identityOf(opened);
  const uuid = opened.text("alert.uuid");
  const date = opened.text("date");
  if (identity !== null || uuid === null || date === null) return identity;
  return `kibana:${keyPart(uuid)}/${keyPart(date)}`;
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
