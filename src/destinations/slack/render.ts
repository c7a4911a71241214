/** A message as Slack takes it: a heading, a coloured body, and a text for notifications. */
import type { Severity } from "../../alert/severity.ts";
import { defang } from "../../template/filters.ts";
import type { Message } from "../destination.ts";
import { clip, formatCount, oneLine } from "../text.ts";
import { reasonInWords, seenInWords, statusMark } from "../words.ts";
import { alertBody } from "./alert-body.ts";
import * as blocks from "./blocks.ts";
import type { Block } from "./blocks.ts";
import { digestBody } from "./digest-body.ts";

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

const COLOURS: Readonly<Record<Severity, string>> = {
  critical: "#a3123f",
  high: "#d9480f",
  medium: "#e8a200",
  low: "#2f7dc0",
  informational: "#6b7a8c",
  unknown: "#9aa3ad",
};

/**
 * Renders any message into one that Slack accepts, whatever its texts hold. An update looks like
 * what it changes, with today's count and status.
 */
export function renderSlack(message: Message): SlackMessage {
  const { alert, digest } = message;
  const body = digest ? digestBody(message, digest) : alertBody(message);
  return {
    text: fallback(message),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [blocks.header(heading(message))],
    attachments: [{ color: COLOURS[digest?.severity ?? alert.severity], blocks: body }],
  };
}

function heading(message: Message): string {
  const { kind, test } = message;
  return `${test ? "[TEST] " : ""}${kind === "reminder" ? "Reminder: " : ""}${topic(message)}`;
}

function topic({ alert, digest }: Message): string {
  if (!digest) return `${statusMark(alert)}${alert.severity.toUpperCase()}: ${alert.title}`;
  const count = `${formatCount(digest.total)} alerts`;
  return `${digest.severity.toUpperCase()}: ${count} · ${reasonInWords(digest)}`;
}

/** What stands behind the heading is short and of our own making; the heading gets what is left. */
function fallback(message: Message): string {
  const { alert, digest } = message;
  const origin = digest ? `first ${alert.number}` : `${alert.number}, ${alert.source.name}`;
  const end = blocks.escapeText(`${seenBehind(message)} (${oneLine(defang(origin))})`);
  const start = oneLine(defang(heading(message)));
  return `${clip(start, MAX_FALLBACK - end.length, blocks.escapeText)}${end}`;
}

function seenBehind(message: Message): string {
  const [times, since, last] = seenInWords(message);
  return message.kind === "reminder" && times ? `, seen ${times} ${since}, ${last}` : "";
}
