/**
 * A notification of Prometheus Alertmanager is an envelope around the alerts of one group
 * (prometheus/alertmanager, notify/webhook/webhook.go and template/template.go):
 * `{version: "4", groupKey, truncatedAlerts, status, receiver, groupLabels, commonLabels,
 * commonAnnotations, externalURL, alerts: [{status, labels, annotations, startsAt, endsAt,
 * generatorURL, fingerprint}]}`. Grafana's alerting posts the same with members of its own.
 *
 * An alert is sent when it begins to fire, again with every change of its group and every
 * `repeat_interval`, and once more, as `resolved`, when it is over. All of these have the fingerprint
 * of its labels and the same `startsAt`; when it fires again later, it starts at another time.
 */
import type { Status } from "../../alert/schema.ts";
import { toTitle } from "../../alert/text.ts";
import { readTime } from "../../alert/time.ts";
import { canonicalJson } from "../../receipt/canonical.ts";
import { hashOf, isObject, keyPart, textOf } from "../read.ts";
import type { JsonObject } from "../source.ts";
import { readStatus } from "../status.ts";

/** What stands in the place of a name where a rule has none. */
export const UNNAMED = "Alert without a name";

/** The labels, annotations or other members of an alert; none where they are no object. */
export function membersOf(alert: JsonObject, name: string): JsonObject {
  const members = alert[name];
  return isObject(members) ? members : {};
}

/** The one alert of an event's document. */
export function alertOf(document: JsonObject): JsonObject {
  const { alerts } = document;
  const first: unknown = Array.isArray(alerts) ? alerts[0] : undefined;
  return isObject(first) ? first : {};
}

/** The name of the rule that fires, on one line. */
export function nameOf(alert: JsonObject): string {
  return toTitle(textOf(membersOf(alert, "labels")["alertname"]) ?? "") || UNNAMED;
}

/** What an alert says of its state, or else its notification; null when that is no known word. */
export function statusOf(document: JsonObject, alert: JsonObject): Status | null {
  const word = textOf(alert["status"]) ?? textOf(document["status"]);
  return word === null ? "new" : readStatus(word);
}

/**
 * Fingerprint and start; null without a start that can be read, for then later alarms would have the
 * same. Versions before 0.19 send no fingerprint; the labels stand in for it. Fingerprints are of
 * labels alone, so they name an alert only together with their source.
 */
export function keyOf(alert: JsonObject, scheme: string, source: string): string | null {
  const startsAt = textOf(alert["startsAt"]);
  if (startsAt === null || readTime(startsAt) === null) return null;
  const fingerprint = textOf(alert["fingerprint"]) ?? hashLabels(alert);
  return `${scheme}:${source}:${keyPart(fingerprint)}/${keyPart(startsAt)}`;
}

function hashLabels(alert: JsonObject): string {
  return hashOf(canonicalJson(membersOf(alert, "labels")));
}

/** How many alerts of the group the sender left out (`max_alerts`). */
export function leftOut(document: JsonObject): number {
  const count = Number(textOf(document["truncatedAlerts"]) ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}
