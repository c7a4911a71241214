/**
 * The fields of an alert that a configuration may fill, each with how it reads what was found.
 * Used by the mappings that every source takes and by the generic source.
 */
import { mergeAttack, readAttackIds } from "../alert/attack.ts";
import { type AlertContent, PAPS, TLPS } from "../alert/schema.ts";
import { readSeverity, type Severity } from "../alert/severity.ts";
import { toTitle } from "../alert/text.ts";
import { readTime } from "../alert/time.ts";
import { linkOf, quote, textOf, textsOf, unique } from "./read.ts";
import { readStatus } from "./status.ts";

export const ALERT_FIELDS = [
  "title",
  "description",
  "reason",
  "severity",
  "risk_score",
  "status",
  "verdict",
  "event_time",
  "detected_at",
  "rule.id",
  "rule.uuid",
  "rule.name",
  "rule.version",
  "rule.tags",
  "rule.url",
  "rule.note",
  "rule.references",
  "external.id",
  "external.url",
  "source.product",
  "source.space",
  "attack",
  "tags",
  "tlp",
  "pap",
] as const;
export type AlertField = (typeof ALERT_FIELDS)[number];

/** Longest list of texts; what is beyond is in the raw event only. */
const MAX_LIST = 1000;

/** What the values of a vendor mean, where its words do not say. */
export interface FieldOptions {
  readonly severities?: Readonly<Record<string, Severity>> | undefined;
}

/** What became of the values: the text of what the field holds now, or why it was left alone. */
export type FieldOutcome = { readonly produced: string } | { readonly wrong: string };

type Setter = (
  alert: AlertContent,
  values: readonly unknown[],
  options: FieldOptions,
) => FieldOutcome;

/**
 * Fills a field of `alert` (in place) with the first usable of `values`; list fields take all and
 * keep what they had. A value that cannot be read leaves the field as it was.
 */
export function setField(
  alert: AlertContent,
  field: AlertField,
  values: readonly unknown[],
  options: FieldOptions = {},
): FieldOutcome {
  if (textsOf(values).length === 0) {
    return { wrong: values.length === 0 ? "nothing found" : "not a scalar" };
  }
  return SETTERS[field](alert, values, options);
}

const SETTERS: Readonly<Record<AlertField, Setter>> = {
  title: text((alert, value) => (alert.title = toTitle(value))),
  description: text((alert, value) => (alert.description = value)),
  reason: text((alert, value) => (alert.reason = value)),
  severity: setSeverity,
  risk_score: setRisk,
  status: read(readStatus, "a status", (alert, value) => (alert.status = value)),
  verdict: text((alert, value) => (alert.verdict = value)),
  event_time: read(readTime, "a time", (alert, value) => (alert.event_time = value)),
  detected_at: read(readTime, "a time", (alert, value) => (alert.detected_at = value)),
  "rule.id": text((alert, value) => (alert.rule.id = value)),
  "rule.uuid": text((alert, value) => (alert.rule.uuid = value)),
  "rule.name": text((alert, value) => (alert.rule.name = value)),
  "rule.version": text((alert, value) => (alert.rule.version = value)),
  "rule.tags": list(
    (alert) => alert.rule.tags,
    (alert, texts) => (alert.rule.tags = texts),
  ),
  "rule.url": read(linkOf, "an http address", (alert, value) => (alert.rule.url = value)),
  "rule.note": text((alert, value) => (alert.rule.note = value)),
  "rule.references": list(
    (alert) => alert.rule.references,
    (alert, texts) => (alert.rule.references = texts),
  ),
  "external.id": text((alert, value) => (alert.external.id = value)),
  "external.url": read(linkOf, "an http address", (alert, value) => (alert.external.url = value)),
  "source.product": text((alert, value) => (alert.source.product = value)),
  "source.space": text((alert, value) => (alert.source.space = value)),
  attack: setAttack,
  tags: list(
    (alert) => alert.tags,
    (alert, texts) => (alert.tags = texts),
  ),
  tlp: read(readMark(TLPS), "a TLP name", (alert, value) => (alert.tlp = value)),
  pap: read(readMark(PAPS), "a PAP name", (alert, value) => (alert.pap = value)),
};

function text(set: (alert: AlertContent, value: string) => string): Setter {
  return (alert, values) => ({ produced: set(alert, textOf(values) ?? "") });
}

function read<T extends string>(
  reader: (value: unknown) => T | null,
  kind: string,
  set: (alert: AlertContent, value: T) => T,
): Setter {
  return (alert, values) => {
    const value = textsOf(values).map(reader).find(isFound);
    if (value === undefined) return { wrong: `${quoteFirst(values)} is not ${kind}` };
    return { produced: set(alert, value) };
  };
}

function quoteFirst(values: readonly unknown[]): string {
  return quote(textOf(values) ?? "");
}

function isFound<T>(value: T | null): value is T {
  return value !== null;
}

function list(
  get: (alert: AlertContent) => readonly string[],
  set: (alert: AlertContent, texts: string[]) => string[],
): Setter {
  return (alert, values) => {
    const kept = get(alert);
    const all = unique([...kept, ...textsOf(values)]).slice(0, MAX_LIST);
    set(alert, all);
    return { produced: all.join(", ") };
  };
}

function setSeverity(
  alert: AlertContent,
  values: readonly unknown[],
  { severities }: FieldOptions,
): FieldOutcome {
  const original = textOf(values) ?? "";
  alert.severity_original = original;
  alert.severity = readSeverity(original, severities);
  if (alert.severity !== "unknown" || /^unknown$/i.test(original))
    return { produced: alert.severity };
  return { wrong: `${quote(original)} is not a known severity` };
}

function setRisk(alert: AlertContent, values: readonly unknown[]): FieldOutcome {
  const score = Number(textOf(values));
  if (!(score >= 0 && score <= 100))
    return { wrong: `${quoteFirst(values)} is not between 0 and 100` };
  alert.risk_score = score;
  return { produced: String(score) };
}

function setAttack(alert: AlertContent, values: readonly unknown[]): FieldOutcome {
  const found = readAttackIds(textsOf(values));
  if (found.length === 0) return { wrong: `${quoteFirst(values)} has no ATT&CK id` };
  alert.attack = mergeAttack(alert.attack, found);
  const ids = found.map(({ tactic, technique, subtechnique }) => {
    return (subtechnique ?? technique ?? tactic)?.id ?? "";
  });
  return { produced: ids.join(", ") };
}

/** Reads `TLP:AMBER`, `amber`, and `white` for `clear`. Numbers mean other things elsewhere. */
function readMark<T extends string>(marks: readonly T[]): (value: unknown) => T | null {
  return (value) => {
    const word = (textOf(value) ?? "").toLowerCase().replace(/^(tlp|pap)[:=]\s*/, "");
    return marks.find((mark) => mark === (word === "white" ? "clear" : word)) ?? null;
  };
}
