/** An alert as a Slack message: a heading, facts, the reason, what was observed, where to look. */
import type { Alert, Artifact, Attack } from "../../alert/schema.ts";
import type { Severity } from "../../alert/severity.ts";
import { defang } from "../../template/filters.ts";
import type { Message } from "../destination.ts";
import { clip, clipList, oneLine } from "../text.ts";
import * as blocks from "./blocks.ts";
import type { Block } from "./blocks.ts";

/** What both ways into Slack take; a bot adds the channel and the thread. */
export interface SlackMessage {
  /** For notifications and readers that show no blocks. */
  readonly text: string;
  readonly mrkdwn: false;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
  readonly blocks: readonly Block[];
  /** Only an attachment has a colour. */
  readonly attachments: readonly [{ readonly color: string; readonly blocks: readonly Block[] }];
}

const MAX_FALLBACK = 500;
const MAX_VALUES = 4;
const MAX_VALUE = 100;
const MAX_ARTIFACTS = 20;
const MAX_ARTIFACT = 200;
const MAX_SMALL_PRINT = 200;
/** A part with less room than this is left out. */
const MIN_PART = 100;

const COLOURS: Readonly<Record<Severity, string>> = {
  critical: "#a3123f",
  high: "#d9480f",
  medium: "#e8a200",
  low: "#2f7dc0",
  informational: "#6b7a8c",
  unknown: "#9aa3ad",
};

/** Renders any alert into a message that Slack accepts, whatever its texts hold. */
export function renderSlack(message: Message): SlackMessage {
  const { alert } = message;
  return {
    text: fallback(message),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [blocks.header(heading(message))],
    attachments: [{ color: COLOURS[alert.severity], blocks: bodyOf(message) }],
  };
}

function heading({ alert, test }: Message): string {
  return `${test ? "[TEST] " : ""}${alert.severity.toUpperCase()}: ${alert.title}`;
}

function fallback(message: Message): string {
  const { number, source } = message.alert;
  const text = `${heading(message)} (${number}, ${source.name})`;
  return clip(oneLine(defang(text)), MAX_FALLBACK, blocks.escapeText);
}

/** Facts, links and small print have their room; the long texts share what is left of the sum. */
function bodyOf(message: Message): Block[] {
  const { alert } = message;
  const facts: Block = { type: "section", fields: factsOf(alert).slice(0, blocks.LIMITS.fields) };
  const end = [...actionsOf(message), blocks.smallPrint(smallPrintOf(message), MAX_SMALL_PRINT)];
  let room = blocks.LIMITS.sum - blocks.LIMITS.header * 2 - blocks.sizeOf([facts, end]);
  const texts: Block[] = [];
  const add = (make: (max: number) => Block | undefined) => {
    const block = room < MIN_PART ? undefined : make(room);
    if (!block) return;
    room -= blocks.sizeOf(block);
    texts.push(block);
  };
  add((max) => paragraphOf(alert.reason, max));
  add((max) => artifactsOf(alert.artifacts, max));
  add((max) => paragraphOf(alert.description === alert.reason ? null : alert.description, max));
  return [facts, ...texts, ...end];
}

function paragraphOf(text: string | null, max: number): Block | undefined {
  // Room for the words around the text, which count too.
  return text?.trim() ? blocks.paragraph(text, max - MIN_PART / 2) : undefined;
}

function factsOf(alert: Alert) {
  const { source, rule, entities } = alert;
  const facts: readonly (readonly [string, readonly (string | null)[]])[] = [
    ["Severity", [alert.severity]],
    ["Source", [source.name]],
    ["Rule", [rule.name ?? rule.id]],
    ["Host", entities.hosts],
    ["User", entities.users],
    ["IP", entities.ips],
    ["ATT&amp;CK", alert.attack.map(attackId)],
    ["Time", [alert.event_time ?? alert.detected_at ?? alert.received_at]],
    ["Seen", alert.count > 1 ? [`${alert.count} times`] : []],
    ["TLP", [alert.tlp]],
  ];
  return facts.flatMap(([label, values]) => {
    const given = values.filter((value) => value !== null && value !== "") as string[];
    const shown = clipList([...new Set(given)], MAX_VALUES, (value) => value);
    return shown.length === 0 ? [] : [blocks.field(label, shown, MAX_VALUE)];
  });
}

function attackId({ tactic, technique, subtechnique }: Attack): string | null {
  return (subtechnique ?? technique ?? tactic)?.id ?? null;
}

function artifactsOf(artifacts: readonly Artifact[], max: number): Block | undefined {
  if (artifacts.length === 0) return undefined;
  const lines = clipList(artifacts, MAX_ARTIFACTS, ({ type, value }) => {
    return `${type.padEnd(12)} ${clip(oneLine(disarm(type, value)), MAX_ARTIFACT)}`;
  });
  return blocks.codeBlock(lines, max - MIN_PART / 2);
}

const CLICKABLE: ReadonlySet<Artifact["type"]> = new Set([
  "url",
  "domain",
  "hostname",
  "ip",
  "email",
]);

function disarm(type: Artifact["type"], value: string): string {
  return CLICKABLE.has(type) || value.includes("://") ? defang(value) : value;
}

/** The button to the vendor names the host it leads to: the URL comes from the alert. */
function actionsOf({ alert, link }: Message): Block[] {
  const own = blocks.linkUrl(link);
  const vendor = blocks.linkUrl(alert.external.url);
  const elements = [
    ...(own ? [blocks.button("Open in Tocsin", own.href)] : []),
    ...(vendor ? [blocks.button(`Open at ${vendor.host}`, vendor.href)] : []),
  ];
  return elements.length === 0 ? [] : [{ type: "actions", elements }];
}

function smallPrintOf({ alert, test }: Message): string {
  const origin = `${alert.number} · received ${alert.received_at}`;
  return test ? `A test message, nothing has happened · ${origin}` : origin;
}
