/**
 * A message as an alert of IRIS. Severity, status and types stand in it by name: their ids differ from
 * one installation to another and are looked up when it is sent.
 *
 * IRIS shows title and description as HTML (`static/assets/js/iris/alerts.js`), so alert text is escaped.
 */
import type { ArtifactType } from "../../alert/schema.ts";
import type { Severity } from "../../alert/severity.ts";
import type { Message } from "../destination.ts";
import { escapeHtml } from "../escape.ts";
import { linkUrl, severityOf } from "../facts.ts";
import { compileParts } from "../parts.ts";
import { clip, oneLine } from "../text.ts";
import { ticketText } from "../ticket.ts";
import { headingOf } from "../words.ts";

/** IRIS names no limits; these keep its answers, which repeat the alert, small. */
const MAX_TITLE = 500;
const MAX_TEXT = 10_000;
const MAX_IOCS = 30;
const MAX_IOC = 1000;

/** What `POST /alerts/add` takes of it besides ids. */
export interface AlertFields {
  readonly alert_title: string;
  readonly alert_description: string;
  readonly alert_source: string;
  readonly alert_source_ref: string;
  readonly alert_source_link?: string;
  /** UTC, without a zone: the column has none. */
  readonly alert_source_event_time: string;
  /** Separated by commas. */
  readonly alert_tags: string;
  readonly alert_customer_id: number;
}

export interface IocDraft {
  /** Name of the type in IRIS. */
  readonly type: string;
  readonly value: string;
  readonly tags: string;
}

export interface IrisDraft {
  readonly alert: AlertFields;
  readonly severity: string;
  readonly iocs: readonly IocDraft[];
}

const SEVERITIES: Readonly<Record<Severity, string>> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
  informational: "Informational",
  unknown: "Unspecified",
};

/** The types that every installation has begun with; what is not here is an IOC of type `other`. */
const IOC_TYPES: Readonly<Partial<Record<ArtifactType, string>>> = {
  ip: "ip-any",
  domain: "domain",
  hostname: "hostname",
  url: "url",
  email: "email",
  md5: "md5",
  sha1: "sha1",
  sha256: "sha256",
  sha512: "sha512",
  account: "account",
  file_name: "filename",
  file_path: "file-path",
  registry_key: "regkey",
  user_agent: "user-agent",
  port: "port",
  mac: "mac-address",
  asn: "AS",
};

export interface RenderOptions {
  readonly customer: number;
  readonly iocs: boolean;
  readonly template?: Partial<Record<"title" | "text", string | undefined>> | undefined;
}

/** Makes the function that renders drafts. Throws TEMPLATE_INVALID naming the part that does not parse. */
export function createRender(
  options: RenderOptions,
  component: string,
): (message: Message) => IrisDraft {
  const escapes = { title: escapeHtml, text: escapeHtml };
  const renderParts = compileParts(options.template, escapes, component);
  return (message) => {
    const { title, text } = renderParts(message);
    const heading = clip(headingOf(message), MAX_TITLE, escapeHtml);
    return {
      alert: {
        ...fieldsOf(message, options.customer),
        alert_title: title === undefined ? heading : clip(oneLine(title), MAX_TITLE) || "–",
        alert_description:
          text === undefined
            ? clip(ticketText(message), MAX_TEXT, escapeHtml)
            : clip(text, MAX_TEXT),
      },
      severity: SEVERITIES[severityOf(message)],
      iocs: options.iocs ? iocsOf(message) : [],
    };
  };
}

function fieldsOf(message: Message, customer: number) {
  const { alert, digest, key, link } = message;
  const url = linkUrl(link);
  const time = alert.event_time ?? alert.detected_at ?? alert.received_at;
  return {
    alert_source: clip(oneLine(alert.source.name), MAX_TITLE),
    alert_source_ref: digest ? key : alert.id,
    ...(url ? { alert_source_link: url.href } : {}),
    alert_source_event_time: new Date(time).toISOString().slice(0, -1),
    alert_tags: tagsOf(message).join(","),
    alert_customer_id: customer,
  };
}

function tagsOf({ alert, digest, case: inCase }: Message): string[] {
  const own = digest ? [] : alert.tags.slice(0, 20).map(tagOf).filter(isNoCase);
  const tlp = alert.tlp === null || digest ? [] : [`tlp:${alert.tlp}`];
  return ["tocsin", ...(inCase ? [tagOf(inCase.id)] : []), ...tlp, ...own].filter(Boolean);
}

/** A comma would make it two tags; IRIS shows tags as HTML. */
function tagOf(text: string): string {
  return clip(
    oneLine(text)
      .replace(/[,<>&"']/g, " ")
      .trim(),
    100,
  );
}

/** By the tag of its case an alert is merged: none of the alert's own may look like one. */
function isNoCase(tag: string): boolean {
  return !/^CASE-\d+$/i.test(tag);
}

function iocsOf({ alert, digest }: Message): IocDraft[] {
  if (digest) return [];
  const whole = alert.artifacts.filter(({ value }) => value !== "" && value.length <= MAX_IOC);
  return whole.slice(0, MAX_IOCS).map(({ type, value, role }) => ({
    type: IOC_TYPES[type] ?? "other",
    value,
    tags: type in IOC_TYPES ? role : `${role},${type}`,
  }));
}
