/**
 * A message as alerts of the Alertmanager API v2.
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (`postableAlert`)
 *
 * Alertmanager knows an alert by its labels: the same labels are the same alert. So they hold only what
 * stays, and what people route by: the severity and the name. When one of these changes, it is another
 * alert to Alertmanager, and the one before is resolved by the same request; an update knows it by its
 * memory.
 *
 * Alertmanager takes an alert for resolved at `endsAt`. That is when it was closed; for all others a time
 * far ahead, because nobody sends them again as Prometheus does. Of an end that has not come yet by its own
 * clock it takes the later of the two it knows (types/types.go, `Alert.Merge`), and the alert would go on
 * until then: so what is over ends a little earlier than it did.
 */
import type { Alert } from "../../alert/schema.ts";
import { SEVERITIES } from "../../alert/severity.ts";
import type { Message } from "../destination.ts";
import { artifactLines, factsOf, linkUrl, severityOf } from "../facts.ts";
import { compileParts, type RenderParts } from "../parts.ts";
import { clip, clipList, manyLines, oneLine } from "../text.ts";
import { alertLine, headingOf } from "../words.ts";

const MAX_LABEL = 200;
const MAX_SUMMARY = 300;
const MAX_TEXT = 4000;
const MAX_ALERTS = 10;
/** A test is over soon, in ms. */
const TEST_LASTS = 300_000;
/** So far behind may Alertmanager's clock be, in ms. */
const BEHIND = 60_000;

type Labels = Readonly<Record<string, string>>;

export interface AlertmanagerAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}
export type AlertmanagerAlerts = readonly AlertmanagerAlert[];

export interface RenderOptions {
  readonly labels: Labels;
  /** Milliseconds. */
  readonly expires: number;
  readonly template?: Partial<Record<Part, string | undefined>> | undefined;
}

type Part = "title" | "text";

/** Makes the function that renders messages. Throws TEMPLATE_INVALID. */
export function createRender(
  options: RenderOptions,
  component: string,
): (message: Message) => AlertmanagerAlerts {
  const escape = { text: null, max: MAX_TEXT };
  const parts = compileParts(options.template, { title: escape, text: escape }, component);
  return (message) => {
    const current = alertOf(message, options, parts);
    const before = labelsBefore(message, current.labels);
    if (before === undefined) return [current];
    const endsAt = earlier(current.endsAt, later(message.alert.last_seen, -BEHIND));
    const startsAt = earlier(current.startsAt, endsAt);
    return [current, { ...current, labels: before, startsAt, endsAt }];
  };
}

/** What an update finds the alert by: the labels that may be others by then. */
export function referenceOf({ severity, alertname }: Labels): string {
  return `${severity} ${alertname}`;
}

/** The labels under which an update finds the alert, when it has others now. */
function labelsBefore({ kind, memory }: Message, labels: Labels): Labels | undefined {
  if (kind !== "update" || memory === referenceOf(labels)) return undefined;
  const [, word, alertname] = /^(\w+) (.+)$/.exec(memory ?? "") ?? [];
  const severity = SEVERITIES.find((each) => each === word);
  return severity && alertname ? { ...labels, severity, alertname } : undefined;
}

function alertOf(
  message: Message,
  { labels, expires }: RenderOptions,
  parts: RenderParts<Part>,
): AlertmanagerAlert {
  const url = linkUrl(message.link);
  const endsAt = endOf(message, expires);
  const { event_time, detected_at, received_at } = message.alert;
  return {
    labels: { ...labels, ...labelsOf(message) },
    annotations: annotationsOf(message, parts(message)),
    // An alert that ends before it starts is refused.
    startsAt: earlier(event_time ?? detected_at ?? received_at, endsAt),
    endsAt,
    ...(url ? { generatorURL: url.href } : {}),
  };
}

function labelsOf(message: Message): Labels {
  const { alert, digest, test } = message;
  const name = digest ? "Several alerts" : (alert.rule.name ?? alert.title);
  return {
    alertname: clip(oneLine(name).trim(), MAX_LABEL) || "Alert",
    severity: severityOf(message),
    source: alert.source.name,
    tocsin_id: alert.id,
    ...(digest ? { digest: digest.reason } : {}),
    ...(test ? { test: "true" } : {}),
  };
}

function endOf({ alert, digest, test }: Message, expires: number): string {
  if (test) return later(alert.received_at, TEST_LASTS);
  if (alert.status === "closed" && !digest)
    return later(alert.status_changed_at ?? alert.last_seen, -BEHIND);
  const times = [alert.received_at, alert.last_seen, alert.status_changed_at ?? ""];
  return later(times.toSorted().at(-1) ?? alert.last_seen, expires);
}

function later(time: string, milliseconds: number): string {
  return new Date(Date.parse(time) + milliseconds).toISOString();
}

/** Times of alerts are all written in the same form. */
function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

function annotationsOf(message: Message, own: Partial<Record<Part, string>>): Labels {
  const facts = factsOf(message).map(({ label, values }) => [nameOf(label), values.join(", ")]);
  const given = {
    ...(Object.fromEntries(facts) as Labels),
    number: message.alert.number,
    status: message.alert.status,
    summary: clip(oneLine(own.title ?? headingOf(message)).trim(), MAX_SUMMARY),
    description: clip(manyLines(own.text ?? textOf(message)).trim(), MAX_TEXT),
    artifacts: message.digest
      ? ""
      : clip(artifactLines(message.alert.artifacts).join("\n"), MAX_TEXT),
  };
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== ""));
}

/** A fact's label as the name of an annotation: `highest_severity`, `attack`. */
function nameOf(label: string): string {
  return label
    .toLowerCase()
    .replace("&", "a")
    .replace(/[^a-z0-9]+/g, "_");
}

function textOf({ alert, digest }: Message): string {
  if (digest) return clipList(digest.alerts, MAX_ALERTS, alertLine, digest.total).join("\n");
  return descriptionOf(alert);
}

function descriptionOf({ reason, description }: Alert): string {
  const texts = [reason, description === reason ? null : description];
  return texts.filter((text) => text?.trim()).join("\n\n");
}
