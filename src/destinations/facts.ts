/**
 * What people want to know of an alert at a glance, for every destination that shows it to them. All
 * values may hold hostile text: escape them for where they will stand.
 */
import type { Alert, Artifact, Attack } from "../alert/schema.ts";
import type { Severity } from "../alert/severity.ts";
import { defang } from "../template/filters.ts";
import type { Digest, Message, Tally } from "./destination.ts";
import { clip, clipList, formatCount, oneLine } from "./text.ts";
import { seenInWords } from "./words.ts";

/** A label of ours over values of theirs, each in one line; there is at least one. */
export interface Fact {
  readonly label: string;
  readonly values: readonly string[];
}

const MAX_VALUES = 4;
const MAX_ARTIFACTS = 20;
const MAX_ARTIFACT = 200;

/** The facts of a message: of its alert, or of its digest as a whole. Values are cut to `max` characters. */
export function factsOf(message: Message, max = 100): Fact[] {
  const { alert, digest } = message;
  const all = digest ? digestFacts(message, digest) : alertFacts(message, alert);
  return all.flatMap(([label, values]) => {
    const given = values.filter((value) => value !== null && value !== "") as string[];
    const shown = clipList([...new Set(given)], MAX_VALUES, (value) => clip(oneLine(value), max));
    return shown.length === 0 ? [] : [{ label, values: shown }];
  });
}

type Row = readonly [label: string, values: readonly (string | null)[]];

function alertFacts(message: Message, alert: Alert): Row[] {
  const { source, rule, entities } = alert;
  return [
    ["Severity", [alert.severity]],
    ["Source", [source.name]],
    ["Rule", [rule.name ?? rule.id]],
    ["Host", entities.hosts],
    ["User", entities.users],
    ["IP", entities.ips],
    ["ATT&CK", alert.attack.map(attackId)],
    ["Time", [alert.event_time ?? alert.detected_at ?? alert.received_at]],
    ["Seen", seenInWords(message)],
    ["TLP", [alert.tlp]],
    ["Case", [message.case && `${message.case.id} ${message.case.title}`]],
  ];
}

function digestFacts(message: Message, digest: Digest): Row[] {
  return [
    ["Alerts", [formatCount(digest.total)]],
    ["Highest severity", [digest.severity]],
    ["Top rules", digest.rules.map(tallyInWords)],
    ["Top hosts", digest.hosts.map(tallyInWords)],
    ["Seen", seenInWords(message)],
  ];
}

/** The count stands in front, where no long name pushes it out. */
function tallyInWords({ name, count }: Tally): string {
  return `${formatCount(count)} × ${name}`;
}

function attackId({ tactic, technique, subtechnique }: Attack): string | null {
  return (subtechnique ?? technique ?? tactic)?.id ?? null;
}

/** The first artifacts, one line each, in columns and unclickable; the rest as a count. */
export function artifactLines(artifacts: readonly Artifact[], max = MAX_ARTIFACTS): string[] {
  return clipList(artifacts, max, ({ type, value }) => {
    return `${type.padEnd(12)} ${clip(oneLine(disarm(type, value)), MAX_ARTIFACT)}`;
  });
}

const CLICKABLE: ReadonlySet<Artifact["type"]> = new Set([
  "url",
  "domain",
  "hostname",
  "ip",
  "email",
]);

/** An artifact's value that nobody opens by accident. */
export function disarm(type: Artifact["type"], value: string): string {
  return CLICKABLE.has(type) || value.includes("://") ? defang(value) : value;
}

/** One colour for each severity, `#rrggbb`. */
export const COLOURS: Readonly<Record<Severity, string>> = {
  critical: "#a3123f",
  high: "#d9480f",
  medium: "#e8a200",
  low: "#2f7dc0",
  informational: "#6b7a8c",
  unknown: "#9aa3ad",
};

/** The severity of a message: of a digest the highest. */
export function severityOf({ alert, digest }: Message): Severity {
  return digest?.severity ?? alert.severity;
}

/** A URL that a message may lead to: http or https, no user, at most `max` characters; else undefined. */
export function linkUrl(text: string | null, max = 2000): URL | undefined {
  if (text === null || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username || url.password) return undefined;
  return url.href.length > max ? undefined : url;
}
