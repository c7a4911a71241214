import { createHash } from "node:crypto";
import { openDocument, type ElasticDocument } from "../../elastic/document.ts";
import { identityOf } from "../../elastic/identity.ts";
import { RULE_PATHS, streamOf } from "../../elastic/rule.ts";
import { isObject, rejectItem } from "../read.ts";
import type { Decoded, JsonObject, JsonValue, RejectedItem } from "../source.ts";
import type { AlertsSettings } from "./settings.ts";

/** The fields that an event's key and stream are read from. */
export const IDENTITY_FIELDS: readonly string[] = [
  "kibana.alert.uuid",
  ...RULE_PATHS.name,
  "rule",
  ...RULE_PATHS.uuid,
  ...RULE_PATHS.id,
];

/**
 * One event of one document: an alert as it stands in its index, be it new or changed. With a status
 * that is not among those asked for it is no new alert, and can only be a change of one that is known.
 */
export function decodeAlert(
  item: JsonValue,
  { status: wanted }: Pick<AlertsSettings, "status"> = {},
): Decoded {
  if (!isObject(item)) {
    return { events: [], rejected: [rejectItem("not_an_object", "not a JSON object", item)] };
  }
  const document = openDocument(item);
  const key = identityOf(document);
  if (isHollow(item)) return { events: [], rejected: [rejectHollow(item, key)] };
  const onlyKnown = wanted !== undefined && !wanted.some((each) => each === statusOf(document));
  const event = { stream: streamOf(document), key, document: item, onlyKnown };
  return { events: [{ ...event, version: versionOf(document) }], rejected: [] };
}

/** An alert that has no status is open. */
function statusOf(document: ElasticDocument): string {
  const word = document.first("kibana.alert.workflow_status", "signal.status") ?? "open";
  return word === "in-progress" ? "acknowledged" : word;
}

/** A hit of an index that keeps no documents: there is nothing in it to tell of. */
function isHollow(item: JsonObject): boolean {
  return "_id" in item && !isObject(item["_source"]) && !isObject(item["fields"]);
}

function rejectHollow(item: JsonObject, key: string | null): RejectedItem {
  const rejected = rejectItem("not_an_alert", "the document came without its _source", item);
  return { ...rejected, key: key === null ? null : `${key}!0` };
}

/**
 * Which state of the alert this is: null for that in which alerts begin. Kibana counts in it what it
 * folds into the alert, and writes down when its status changed; both rewrite the document.
 */
export function versionOf(document: ElasticDocument): string | null {
  const folded = document.number("kibana.alert.suppression.docs_count") ?? 0;
  const status = document.first("kibana.alert.workflow_status", "signal.status");
  const changed = document.text("kibana.alert.workflow_status_updated_at");
  const isFirst = folded === 0 && (status === null || status === "open") && changed === null;
  if (isFirst) return null;
  const seen = document.first("kibana.alert.last_detected", "kibana.alert.suppression.end");
  // Until something is folded, when it was last detected says nothing new.
  const state = [folded, status, folded === 0 ? null : seen, changed];
  return createHash("sha256").update(JSON.stringify(state)).digest("hex").slice(0, 16);
}
