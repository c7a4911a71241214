/**
 * Dashboard alerts of Grafana before 9 (grafana.com/docs/grafana/v8.5, "Alert notifications",
 * webhook): `{dashboardId, evalMatches: [{value, metric, tags}], imageUrl, message, orgId, panelId,
 * ruleId, ruleName, ruleUrl, state, tags, title}`. The state is `alerting`, `no_data` or `ok`; nothing
 * in the body tells one alarm of a rule from the next.
 */
import { emptyContent } from "../../alert/content.ts";
import type { AlertContent } from "../../alert/schema.ts";
import { toTitle } from "../../alert/text.ts";
import { collectArtifacts } from "../alertmanager/artifacts.ts";
import type { NotificationSettings } from "../alertmanager/normalise.ts";
import { isObject, linkOf, textOf, unique } from "../read.ts";
import { joinSeverities, readGrade } from "../readings.ts";
import type {
  Decoded,
  JsonObject,
  JsonValue,
  NormaliseContext,
  Normalised,
  SourceEvent,
} from "../source.ts";

const MAX_MATCHES = 20;

/** Whether a body is of legacy alerting: it names one rule and has no list of alerts. */
export function isLegacy(body: JsonValue): body is JsonObject {
  if (!isObject(body) || Array.isArray(body["alerts"])) return false;
  return textOf(body["ruleName"]) !== null && textOf(body["state"]) !== null;
}

/** That a rule is `ok` again ends an alarm that the body does not name, so it is no event. */
export function decodeLegacy(body: JsonObject): Decoded {
  const state = textOf(body["state"])?.toLowerCase();
  if (state === "ok") return { events: [], rejected: [], empty: "recovered" };
  return { events: [{ stream: nameOf(body), key: null, document: body }], rejected: [] };
}

function nameOf(body: JsonObject): string {
  return toTitle(textOf(body["ruleName"]) ?? "") || "Grafana rule";
}

/** Reads an alarm of a legacy rule. The body has no time. */
export function normaliseLegacy(
  event: SourceEvent,
  context: NormaliseContext<NotificationSettings>,
): Normalised {
  const { document } = event;
  const { name, kind } = context;
  const space = textOf(document["orgId"]);
  const tags = isObject(document["tags"]) ? document["tags"] : {};
  const flags = ["event_time: the body has no time"];
  const content = emptyContent({ name, kind, vendor: "Grafana", product: "Grafana", space });
  const matches = matchesOf(document);
  const artifacts = collectArtifacts(joinTags(matches), "evalMatches.tags");
  const alert: AlertContent = {
    ...content,
    external: { id: null, url: linkOf(document["ruleUrl"]) },
    title: toTitle(textOf(document["title"]) ?? "") || nameOf(document),
    description: textOf(document["message"]),
    reason: readReason(document, matches),
    ...readSeverity(tags, context.config, flags),
    rule: { ...content.rule, id: textOf(document["ruleId"]), name: nameOf(document) },
    artifacts: artifacts.list(),
    tags: tagTexts(tags),
    provenance: { repaired: [...event.repaired], flags: [...flags, ...artifacts.flags()] },
  };
  return { alert };
}

function readSeverity(
  tags: JsonObject,
  { severity_label, severity_map }: NotificationSettings,
  flags: string[],
): Pick<AlertContent, "severity" | "severity_original"> {
  return readGrade(tags[severity_label], joinSeverities(severity_map, {}), flags);
}

function matchesOf(document: JsonObject): JsonObject[] {
  const { evalMatches } = document;
  return Array.isArray(evalMatches) ? evalMatches.filter(isObject).slice(0, MAX_MATCHES) : [];
}

/** The state, then what was measured: `state alerting, cpu=93.5`. */
function readReason(document: JsonObject, matches: readonly JsonObject[]): string {
  const values = matches.flatMap(({ metric, value }) => {
    const text = textOf(value);
    return text === null ? [] : [`${textOf(metric) ?? "value"}=${text}`];
  });
  return [`state ${textOf(document["state"]) ?? ""}`, ...values].join(", ");
}

/** All tags of all matches, by name. */
function joinTags(matches: readonly JsonObject[]): JsonObject {
  const joined = new Map<string, JsonValue[]>();
  for (const [name, value] of matches.flatMap(({ tags }) =>
    Object.entries(isObject(tags) ? tags : {}),
  )) {
    joined.set(name, [...(joined.get(name) ?? []), value]);
  }
  return Object.fromEntries(joined);
}

function tagTexts(tags: JsonObject): string[] {
  const texts = Object.entries(tags).flatMap(([name, value]) => {
    const text = textOf(value);
    return text === null ? [] : [`${name}=${text}`];
  });
  return unique(texts).slice(0, 100);
}
