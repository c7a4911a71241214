/**
 * A message as an event of PagerDuty's Events API v2.
 * https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 *
 * An alert of Tocsin is an alert at PagerDuty, and its id is the `dedup_key`: a `trigger` opens it or
 * joins it, `acknowledge` and `resolve` change it, and are ignored where it is not open. A digest has a
 * key of its own, because it is another incident than its first alert.
 */
import type { Severity } from "../../alert/severity.ts";
import type { Digest, Message } from "../destination.ts";
import { linksOf } from "../content.ts";
import { linkUrl, severityOf } from "../facts.ts";
import { compileParts } from "../parts.ts";
import { clip, oneLine } from "../text.ts";
import { headingOf } from "../words.ts";
import { detailsOf, fitDetails, type Details } from "./details.ts";

interface Payload {
  readonly summary: string;
  readonly source: string;
  readonly severity: "critical" | "error" | "warning" | "info";
  readonly timestamp: string;
  readonly group: string;
  readonly class?: string;
  readonly custom_details: Details;
}

/** The routing key is added when it is sent. */
export interface PagerDutyEvent {
  /** `none` is never sent: there is nothing that PagerDuty need hear. */
  readonly event_action: "trigger" | "acknowledge" | "resolve" | "none";
  readonly dedup_key: string;
  readonly payload?: Payload;
  readonly client?: string;
  readonly client_url?: string;
  readonly links?: readonly { readonly href: string; readonly text: string }[];
}

const MAX_SUMMARY = 1024;
/** For the other texts of the payload PagerDuty names no limit; this one is ours. */
const MAX_TEXT = 255;
/** 512,000 bytes, less the routing key. */
const MAX_EVENT = 511_900;

const SEVERITIES: Readonly<Record<Severity, Payload["severity"]>> = {
  critical: "critical",
  high: "error",
  medium: "warning",
  low: "info",
  informational: "info",
  unknown: "warning",
};

export interface Templates {
  readonly summary?: string | undefined;
  readonly text?: string | undefined;
}

/** Makes the function that renders events. Throws TEMPLATE_INVALID naming the part that does not parse. */
export function createRender(
  templates: Templates | undefined,
  component: string,
): (message: Message) => PagerDutyEvent {
  const renderParts = compileParts(templates, { summary: null, text: null }, component);
  return (message) => {
    const action = actionOf(message);
    const event = { event_action: action, dedup_key: keyOf(message, action) };
    if (action !== "trigger") return event;
    const whole = { ...event, ...trigger(message, renderParts(message)) };
    return fitDetails(whole, MAX_EVENT);
  };
}

function actionOf({ kind, alert, digest }: Message): PagerDutyEvent["event_action"] {
  if (kind !== "update") return "trigger";
  if (digest) return actionOfMany(digest);
  if (alert.status === "new") return "trigger";
  return alert.status === "closed" ? "resolve" : "acknowledge";
}

/**
 * The incident of a digest ends with the last of its alerts. Until then a `trigger` because one was taken
 * care of would page again where somebody has resolved it.
 */
function actionOfMany({ alerts, total }: Digest): PagerDutyEvent["event_action"] {
  const isWhole = alerts.length === total;
  if (isWhole && alerts.every(({ status }) => status === "closed")) return "resolve";
  return alerts.every(({ status }) => status === "new") ? "trigger" : "none";
}

/** An alert that was told of in a digest goes on there. */
function keyOf(message: Message, action: PagerDutyEvent["event_action"]): string {
  const { kind, alert, digest, key, memory } = message;
  const own = digest ? key : alert.id;
  return kind === "update" && (digest || action === "trigger") ? (memory ?? own) : own;
}

function trigger(message: Message, parts: Templates) {
  const { alert, link } = message;
  const [host] = message.digest ? [] : alert.entities.hosts;
  const rule = alert.rule.name ?? alert.rule.id;
  return {
    payload: {
      summary: clip(oneLine(parts.summary ?? headingOf(message)) || "–", MAX_SUMMARY),
      source: bounded(host ?? alert.source.name),
      severity: SEVERITIES[severityOf(message)],
      timestamp: alert.event_time ?? alert.detected_at ?? alert.received_at,
      group: bounded(alert.source.name),
      ...(rule && !message.digest ? { class: bounded(rule) } : {}),
      custom_details: detailsOf(message, parts.text),
    },
    client: "Tocsin",
    ...(linkUrl(link) ? { client_url: linkUrl(link)?.href } : {}),
    links: linksOf(message).map(({ label, url }) => ({ href: url, text: label })),
  } as const;
}

function bounded(text: string): string {
  return clip(oneLine(text) || "–", MAX_TEXT);
}
