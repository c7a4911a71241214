/** A message as Slack takes it: a heading, a coloured body, and a text for notifications. */
import { defang } from "../../template/filters.ts";
import type { Message } from "../destination.ts";
import { COLOURS, severityOf } from "../facts.ts";
import type { RenderParts } from "../parts.ts";
import { clip, oneLine } from "../text.ts";
import { headingOf, seenInWords } from "../words.ts";
import * as blocks from "./blocks.ts";
import type { Block } from "./blocks.ts";
import { bodyOf } from "./body.ts";

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

export interface RenderOptions {
  /** The configuration's own words; `title` is plain text, the others Slack's markup. */
  readonly parts: RenderParts<"title" | "facts" | "text">;
  /** Whether messages have buttons that act on their alert. */
  readonly hasActions: boolean;
}

const PLAIN: RenderOptions = { parts: () => ({}), hasActions: false };
const MAX_FALLBACK = 500;

/**
 * Renders any message into one that Slack accepts, whatever its texts hold. An update looks like
 * what it changes, with today's count and status. Throws TEMPLATE_INVALID for a part that fails.
 */
export function renderSlack(message: Message, options = PLAIN): SlackMessage {
  const { title = headingOf(message), ...own } = options.parts(message);
  const body = bodyOf(message, own, options.hasActions);
  return {
    text: fallback(message, title),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [blocks.header(title)],
    attachments: [{ color: COLOURS[severityOf(message)], blocks: body }],
  };
}

/** What stands behind the heading is short and of our own making; the heading gets what is left. */
function fallback(message: Message, title: string): string {
  const { alert, digest } = message;
  const origin = digest ? `first ${alert.number}` : `${alert.number}, ${alert.source.name}`;
  const end = blocks.escapeText(`${seenBehind(message)} (${oneLine(defang(origin))})`);
  const start = oneLine(defang(title));
  return `${clip(start, MAX_FALLBACK - end.length, blocks.escapeText)}${end}`;
}

function seenBehind(message: Message): string {
  const [times, since, last] = seenInWords(message);
  return message.kind === "reminder" && times ? `, seen ${times} ${since}, ${last}` : "";
}
