/** Messages as alerts of TheHive, not yet in the form of a version. */
import { createHash } from "node:crypto";
import { type Alert, PAPS, TLPS } from "../../alert/schema.ts";
import type { Severity } from "../../alert/severity.ts";
import { clip as clipShort } from "../../alert/text.ts";
import { escapeMarkdown } from "../escape.ts";
import type { Message } from "../destination.ts";
import { linkUrl, severityOf } from "../facts.ts";
import { compileParts, type RenderParts } from "../parts.ts";
import { clip, formatCount, oneLine } from "../text.ts";
import { reasonInWords } from "../words.ts";
import { compileCustomFields, type CustomFieldsConfig } from "./custom-fields.ts";
import { describe } from "./description.ts";
import { type HiveAlert, LIMITS, type Pap, STATUS_TAGS, type Tlp } from "./model.ts";
import { observablesOf } from "./observables.ts";

export interface RenderOptions {
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly tags: readonly string[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly custom_fields: CustomFieldsConfig;
  readonly case: "none" | "merge";
  readonly template?:
    | { readonly title?: string | undefined; readonly description?: string | undefined }
    | undefined;
}

/** TheHive has four; what is unknown gets its default. */
const SEVERITIES: Readonly<Record<Severity, number>> = {
  unknown: 2,
  informational: 1,
  low: 1,
  medium: 2,
  high: 3,
  critical: 4,
};

/** Room for the notes about what was left out. */
export const MAX_NOTES = 400;

/** Makes the pure function that renders messages. Throws TEMPLATE_INVALID. */
export function createRender(
  options: RenderOptions,
  component: string,
): (message: Message) => HiveAlert {
  // No value needs more room than all of them have.
  const escape = (text: string) => clip(text, LIMITS.description, escapeMarkdown);
  const parts = compileParts(options.template, { title: null, description: escape }, component);
  const customFields = compileCustomFields(options.custom_fields, component);
  return (message) => ({
    ...identityOf(message, options),
    ...textsOf(message, parts),
    ...contentOf(message, options),
    customFields: customFields(message),
    severity: SEVERITIES[severityOf(message)],
    status: message.digest ? "new" : message.alert.status,
    isDigest: message.digest !== null,
    caseTitle: caseTitleOf(message, options),
  });
}

/** A digest is a thing of its own: it has the key of its message. */
function identityOf({ alert, digest, key }: Message, { type, source }: RenderOptions) {
  return {
    type: type ?? nameOf(alert.source.kind, LIMITS.type),
    source: source ?? nameOf(alert.source.name, LIMITS.source),
    sourceRef: boundReference(digest ? key : alert.key),
  };
}

/** TheHive 4 takes the three joined with ';' for the alert's name, so none of them may hold one. */
function nameOf(text: string, max: number): string {
  return clipShort(oneLine(text).replaceAll(";", ",").trim(), max) || "tocsin";
}

const SCHEME = /^[\w.-]{1,48}(?=:)/;

/** The key as it is; a hash of it where TheHive could not keep it so. */
export function boundReference(key: string): string {
  const fits =
    key.length <= LIMITS.sourceRef && !/[;\p{Cc}\p{Cs}]/u.test(key) && key === key.trim();
  if (fits && key !== "") return key;
  const scheme = SCHEME.exec(key)?.[0] ?? "key";
  return `${scheme}:sha256-${createHash("sha256").update(key).digest("hex")}`;
}

function textsOf(message: Message, parts: RenderParts<"title" | "description">) {
  const own = parts(message);
  const title = oneLine(own.title ?? titleOf(message)).trim() || message.alert.number;
  const room = LIMITS.description - MAX_NOTES;
  return {
    title: clip(title, LIMITS.title),
    description: clip(own.description ?? describe(message, room), room),
  };
}

/** Severity and status have places of their own at TheHive. */
function titleOf({ alert, digest, test }: Message): string {
  const mark = test ? "[TEST] " : "";
  if (!digest) return `${mark}${alert.title}`;
  return `${mark}${formatCount(digest.total)} alerts · ${reasonInWords(digest)}`;
}

function contentOf(message: Message, options: RenderOptions) {
  const alerts = message.digest?.alerts ?? [message.alert];
  const { alert } = message;
  const time = alert.event_time ?? alert.detected_at ?? alert.received_at;
  const link = linkUrl(message.link) ?? linkUrl(alert.external.url, LIMITS.externalLink);
  return {
    ...observablesOf(alerts.flatMap(({ artifacts }) => artifacts)),
    externalLink: link?.href,
    date: Date.parse(time),
    tags: tagsOf(message, alerts, options),
    tlp: strictest(
      alerts.map(({ tlp }) => tlp),
      TLPS,
      options.tlp,
    ),
    pap: strictest(
      alerts.map(({ pap }) => pap),
      PAPS,
      options.pap,
    ),
    techniques: techniquesOf(alerts),
  };
}

/** What stands in front survives when there are too many: what the operator and Tocsin say. */
function tagsOf(message: Message, alerts: readonly Alert[], options: RenderOptions): string[] {
  const status = message.digest ? null : STATUS_TAGS[message.alert.status];
  const own = [...options.tags, status ?? "", message.case ? `tocsin:${message.case.id}` : ""];
  const theirs = alerts.flatMap(({ tags }) => tags);
  const tags = [...own, ...theirs].map((tag) => clip(oneLine(tag).trim(), LIMITS.tag));
  return [...new Set(tags.filter((tag) => tag !== ""))].slice(0, LIMITS.tags);
}

/** Of several alerts the strictest counts; one that says nothing has the configured one. */
function strictest<T extends string>(given: readonly (T | null)[], order: readonly T[], own: T): T {
  const places = given.map((value) => order.indexOf(value ?? own));
  return order[Math.max(...places)] ?? own;
}

const TECHNIQUE = /^T\d{4}(\.\d{3})?$/;

function techniquesOf(alerts: readonly Alert[]): string[] {
  const ids = alerts.flatMap(({ attack }) => {
    return attack.map(({ technique, subtechnique }) => (subtechnique ?? technique)?.id ?? "");
  });
  return [...new Set(ids)].filter((id) => TECHNIQUE.test(id));
}

/** Only what arrives in order may be merged: of two at once, both would make a case. */
function caseTitleOf(message: Message, options: RenderOptions): string | null {
  if (options.case === "none" || !message.case || message.thread === null) return null;
  return clip(oneLine(message.case.title).trim(), LIMITS.title) || message.case.id;
}
