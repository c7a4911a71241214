/** Which documents are read for the settings of the source. */
import { toElasticsearchQuery } from "../../kql/index.ts";
import type { IndexFeedSettings } from "../index-feed/settings.ts";
import type { JsonObject } from "../source.ts";
import { IDENTITY_FIELDS } from "./decode.ts";
import type { AlertsFrom, AlertsSettings, WorkflowStatus } from "./settings.ts";

/** New alerts, those that grew, and those whose status was changed. Throws KQL_INVALID. */
export function feedSettings(settings: AlertsSettings): IndexFeedSettings {
  const { cluster, size, overlap, settle, start_time: startTime = null } = settings;
  return {
    cluster,
    size,
    overlap,
    settle,
    startTime,
    index: indexOf(settings),
    consume: "keep",
    timeless: false,
    tracks: [
      { name: "created", field: "@timestamp", filter: statusFilter(settings) },
      {
        name: "grown",
        field: "kibana.alert.last_detected",
        filter: [HAS_GROWN],
        since: "origin",
      },
      { name: "changed", field: "kibana.alert.workflow_status_updated_at", since: "origin" },
    ],
    filter: [...buildingBlockFilter(settings), ...spaceFilter(settings), ...queryFilter(settings)],
    identityFields: IDENTITY_FIELDS,
  };
}

/**
 * Names of aliases by space, from elastic/kibana: alerts of rules that are aware of spaces go to
 * `.alerts-<context>.alerts-<space>`. Stack rules are not: all their alerts are in that of `default`,
 * and a field says the space.
 */
const ALIASES: Readonly<Record<AlertsFrom, (space: string) => string>> = {
  security: (space) => `.alerts-security.alerts-${space}`,
  signals: (space) => `.siem-signals-${space}`,
  stack: () => ".alerts-stack.alerts-default",
};

function indexOf({ index, from, spaces }: AlertsSettings): string {
  if (index !== undefined) return index;
  const names = from.flatMap((origin) => spaces.map(ALIASES[origin]));
  return [...new Set(names)].join(",");
}

const HAS_GROWN: JsonObject = { range: { "kibana.alert.suppression.docs_count": { gt: 0 } } };

/** Of alerts, and of signals of 7.x. */
const BUILDING_BLOCK_FIELDS = [
  "kibana.alert.building_block_type",
  "signal.rule.building_block_type",
];

function buildingBlockFilter({ building_blocks }: AlertsSettings): JsonObject[] {
  return building_blocks ? [] : [not(...BUILDING_BLOCK_FIELDS.map(exists))];
}

/** What does not say its space is in an alias of one. */
function spaceFilter({ index, from, spaces }: AlertsSettings): JsonObject[] {
  if (index !== undefined || !from.includes("stack")) return [];
  const field = "kibana.space_ids";
  return [anyOf({ terms: { [field]: [...spaces] } }, not(exists(field)))];
}

function queryFilter({ filter }: AlertsSettings): JsonObject[] {
  return filter === undefined ? [] : [toElasticsearchQuery(filter)];
}

const STATUS_FIELDS = ["kibana.alert.workflow_status", "signal.status"];
/** As signals of 7.x have it. */
const LEGACY_STATUS: Partial<Record<WorkflowStatus, string>> = { acknowledged: "in-progress" };

/** An alert that has no status is open. */
function statusFilter({ status }: AlertsSettings): JsonObject[] {
  if (status === undefined) return [];
  const words = status.flatMap((one) => [one, LEGACY_STATUS[one] ?? []].flat());
  const fitting = STATUS_FIELDS.map((field): JsonObject => ({ terms: { [field]: words } }));
  if (!status.includes("open")) return [anyOf(...fitting)];
  return [anyOf(...fitting, not(...STATUS_FIELDS.map(exists)))];
}

function exists(field: string): JsonObject {
  return { exists: { field } };
}

function not(...queries: JsonObject[]): JsonObject {
  return { bool: { must_not: queries } };
}

function anyOf(...queries: JsonObject[]): JsonObject {
  return { bool: { should: queries, minimum_should_match: 1 } };
}
