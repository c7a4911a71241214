/**
 * The pieces of a Slack message, each within Slack's limits and each safe to hold text that an
 * attacker wrote: `&`, `<` and `>` are escaped, so that `<!channel>`, `<@U…>` and `<url|text>` are
 * text; nothing is turned into a link, an emoji or a mention (`verbatim`, `emoji: false`).
 *
 * Limits: https://docs.slack.dev/reference/block-kit/blocks and the undocumented sum over all
 * blocks, https://github.com/slackapi/bolt-js/issues/2509.
 */
import { clip, manyLines, oneLine } from "../text.ts";

export const LIMITS = {
  header: 150,
  section: 3000,
  fields: 10,
  button: 75,
  url: 3000,
  /** Ours, not Slack's. */
  smallPrint: 200,
  /** Slack refuses more than about 13,200 characters in all blocks; a little less is used. */
  sum: 13_000,
} as const;

interface PlainText {
  readonly type: "plain_text";
  readonly text: string;
  readonly emoji: false;
}

interface Markdown {
  readonly type: "mrkdwn";
  readonly text: string;
  readonly verbatim: true;
}

export type Button = {
  readonly type: "button";
  readonly text: PlainText;
  readonly url: string;
};

export type Block =
  | { readonly type: "header"; readonly text: PlainText }
  | { readonly type: "section"; readonly text: PlainText | Markdown }
  | { readonly type: "section"; readonly fields: readonly Markdown[] }
  | { readonly type: "actions"; readonly elements: readonly Button[] }
  | { readonly type: "context"; readonly elements: readonly PlainText[] };

/** Slack's three entities; all it takes to make text harmless. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Also keeps a text inside the backticks around it. */
function escapeCode(text: string): string {
  return escapeText(text).replaceAll("`", "ˋ");
}

/** A heading in one line. */
export function header(text: string): Block {
  return { type: "header", text: plain(oneLine(text), LIMITS.header) };
}

/** Free text as it is, at most `max` characters. */
export function paragraph(text: string, max: number): Block {
  return { type: "section", text: plain(manyLines(text), Math.min(max, LIMITS.section)) };
}

/** Lines in a code block, at most `max` characters. */
export function codeBlock(lines: readonly string[], max: number): Block {
  const room = Math.min(max, LIMITS.section) - "```\n\n```".length;
  const code = clip(lines.map(oneLine).join("\n"), room, escapeCode);
  return { type: "section", text: markdown(`\`\`\`\n${code}\n\`\`\``) };
}

/** A label of ours over values of theirs, each in backticks and at most `max` characters. */
export function field(label: string, values: readonly string[], max: number): Markdown {
  const shown = values.map((value) => `\`${clip(oneLine(value), max, escapeCode)}\``);
  return markdown(`*${label}*\n${shown.join(", ")}`);
}

/** A button that opens `url`, which must be one that `linkUrl` answered. */
export function button(text: string, url: string): Button {
  return { type: "button", text: plain(oneLine(text), LIMITS.button), url };
}

/** The button to Tocsin's own page; none when there is no link or it is not one. */
export function ownButton(link: string | null): Button[] {
  const url = linkUrl(link);
  return url ? [button("Open in Tocsin", url.href)] : [];
}

/** What every message ends with: buttons, if any, and small print, which says when it is a test. */
export function ending(buttons: readonly Button[], origin: string, test: boolean): Block[] {
  const text = test ? `A test message, nothing has happened · ${origin}` : origin;
  const small = plain(oneLine(text), LIMITS.smallPrint);
  const print: Block = { type: "context", elements: [small] };
  return buttons.length === 0 ? [print] : [{ type: "actions", elements: buttons }, print];
}

/** A URL as Slack takes it: http or https, no user, not too long; undefined for any other. */
export function linkUrl(text: string | null): URL | undefined {
  if (text === null || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username || url.password) return undefined;
  return url.href.length > LIMITS.url ? undefined : url;
}

/** All characters in a block that Slack may count. */
export function sizeOf(part: unknown): number {
  if (typeof part === "string") return part.length;
  if (typeof part !== "object" || part === null) return 0;
  return Object.values(part).reduce((sum: number, value) => sum + sizeOf(value), 0);
}

function plain(text: string, max: number): PlainText {
  // Slack refuses an empty text.
  return { type: "plain_text", text: clip(text, max, escapeText) || "–", emoji: false };
}

function markdown(text: string): Markdown {
  return { type: "mrkdwn", text, verbatim: true };
}
