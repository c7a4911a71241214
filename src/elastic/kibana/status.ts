/**
 * The status of alerts.
 *
 * Facts, from https://github.com/elastic/kibana, `open_close_signals_route.ts` and
 * `query_signals_route.ts` of Elastic Security: setting a status is an update by query over the
 * alerts of the space. An alert that has the status already counts as updated, but keeps the time of
 * its last change. Ids that are not there are answered with 200 and `updated: 0`; so is a space that
 * is not there. Kibana writes down the time of a change by its own clock.
 */
import { readTime } from "../../alert/time.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../receipt/json.ts";
import { openDocument } from "../document.ts";
import type { CallKibana } from "./call.ts";
import type { AlertStatus, Kibana, StatusRequest, WorkflowStatus } from "./kibana.ts";

const STATUS = "kibana.alert.workflow_status";
const CHANGED_AT = "kibana.alert.workflow_status_updated_at";
/** Where versions before 8 have it. */
const OLD_STATUS = "signal.status";

const STATUSES: Readonly<Record<string, WorkflowStatus>> = {
  open: "open",
  acknowledged: "acknowledged",
  // What versions before 8 called it.
  "in-progress": "acknowledged",
  closed: "closed",
};

/** `Kibana.setStatus`. */
export function createSetStatus(call: CallKibana): Kibana["setStatus"] {
  return (request, signal) => {
    const body = { ...selectionOf(request), status: request.status };
    const path = "/api/detection_engine/signals/status";
    const doing = "setting the status of alerts";
    return call({ space: request.space, path, body, doing, signal }, readUpdated);
  };
}

/**
 * By ids alone Kibana gives up at the first alert that something else writes at the same time. With
 * `proceed` such an alert is passed over and does not count as updated.
 */
function selectionOf({ ids, unlessChangedAfter }: StatusRequest): JsonObject {
  if (unlessChangedAfter === undefined) return { signal_ids: [...ids] };
  const gt = new Date(unlessChangedAfter).toISOString();
  const must_not = [{ range: { [CHANGED_AT]: { gt } } }];
  const query = { bool: { filter: [{ ids: { values: [...ids] } }], must_not } };
  return { query, conflicts: "proceed" };
}

function readUpdated({ updated }: JsonObject): number | undefined {
  return typeof updated === "number" ? updated : undefined;
}

/** `Kibana.readStatus`. */
export function createReadStatus(call: CallKibana): Kibana["readStatus"] {
  return (space, ids, signal) => {
    const query = { ids: { values: [...ids] } };
    const body = { query, _source: [STATUS, CHANGED_AT, OLD_STATUS], size: ids.length };
    const path = "/api/detection_engine/signals/search";
    const doing = "reading the status of alerts";
    return call({ space, path, body, doing, signal }, readHits);
  };
}

function readHits({ hits }: JsonObject): AlertStatus[] | undefined {
  const list = isJsonObject(hits) ? hits["hits"] : undefined;
  return Array.isArray(list) ? list.flatMap(readHit) : undefined;
}

function readHit(hit: JsonValue): AlertStatus[] {
  if (!isJsonObject(hit) || typeof hit["_id"] !== "string") return [];
  const document = openDocument(hit);
  const status = STATUSES[document.first(STATUS, OLD_STATUS) ?? ""] ?? null;
  const changed = readTime(document.text(CHANGED_AT));
  const changedAt = changed === null ? null : Date.parse(changed);
  return [{ id: hit["_id"], status, changedAt }];
}
