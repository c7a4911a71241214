/**
 * The pieces of a Slack message, each within Slack's limits and each safe to hold text that an
 * attacker wrote: `&`, `<` and `>` are escaped, so that `<!channel>`, `<@U…>` and `<url|text>` are
 * text; nothing is turned into a link, an emoji or a mention (`verbatim`, `emoji: false`).
 *
 * Limits: https://docs.slack.dev/reference/block-kit/blocks and `block-elements` beside it, and the
 * undocumented sum over all blocks, https://github.com/slackapi/bolt-js/issues/2509.
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

/** Leads to a URL, or is told to us with `action_id` and `value`. */
export type Button = {
  readonly type: "button";
  readonly text: PlainText;
  readonly url?: string;
  readonly action_id?: string;
  readonly value?: string;
};

/** A menu; the value of what was chosen is told to us. */
export interface Select {
  readonly type: "static_select";
  readonly placeholder: PlainText;
  readonly action_id: string;
  readonly options: readonly { readonly text: PlainText; readonly value: string }[];
}

export type Block =
  | { readonly type: "header"; readonly text: PlainText }
  | { readonly type: "section"; readonly text: PlainText | Markdown }
  | { readonly type: "section"; readonly fields: readonly Markdown[] }
  | { readonly type: "actions"; readonly elements: readonly (Button | Select)[] }
  | { readonly type: "context"; readonly elements: readonly PlainText[] };

/** Slack's three entities; all it takes to make text harmless. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Also keeps a text inside the backticks around it. */
export function escapeCode(text: string): string {
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

/** Text that is markup already, of which at most `max` characters are kept; no entity is cut in half. */
export function markup(text: string, max: number): Block {
  const room = Math.min(max, LIMITS.section);
  const whole = manyLines(text);
  const cut = whole.slice(0, room - 1).replace(/(&[a-z]{0,3}|[\ud800-\udbff])$/, "");
  return { type: "section", text: markdown(whole.length <= room ? whole : `${cut}…`) };
}

/** A label over values, each in backticks and at most `max` characters. */
export function field(label: string, values: readonly string[], max: number): Markdown {
  const shown = values.map((value) => `\`${clip(oneLine(value), max, escapeCode)}\``);
  return markdown(`*${escapeText(label)}*\n${shown.join(", ")}`);
}

/** As many fields as there are, ten in each section. */
export function fieldSections(fields: readonly Markdown[]): Block[] {
  const starts = Array.from({ length: Math.ceil(fields.length / LIMITS.fields) }, (_, index) => {
    return index * LIMITS.fields;
  });
  return starts.map((start) => {
    return { type: "section", fields: fields.slice(start, start + LIMITS.fields) };
  });
}

/** A button that opens `url`, which must be one that `linkUrl` answered. */
export function linkButton(text: string, url: string): Button {
  return { type: "button", text: label(text), url };
}

/** A button that is told to us with `value`. */
export function actionButton(text: string, action_id: string, value: string): Button {
  return { type: "button", text: label(text), action_id, value };
}

/** A menu that is told to us with the value of what was chosen. */
export function select(
  placeholder: string,
  action_id: string,
  options: readonly { readonly text: string; readonly value: string }[],
): Select {
  const shown = options.map(({ text, value }) => ({ text: label(text), value }));
  return { type: "static_select", placeholder: label(placeholder), action_id, options: shown };
}

/** What every message ends with: buttons, if any, and small print. */
export function ending(buttons: readonly (Button | Select)[], smallPrint: string): Block[] {
  const small = plain(oneLine(smallPrint), LIMITS.smallPrint);
  const print: Block = { type: "context", elements: [small] };
  return buttons.length === 0 ? [print] : [{ type: "actions", elements: buttons }, print];
}

/** All characters in a block that Slack may count. */
export function sizeOf(part: unknown): number {
  if (typeof part === "string") return part.length;
  if (typeof part !== "object" || part === null) return 0;
  return Object.values(part).reduce((sum: number, value) => sum + sizeOf(value), 0);
}

function label(text: string): PlainText {
  return plain(oneLine(text), LIMITS.button);
}

function plain(text: string, max: number): PlainText {
  // Slack refuses an empty text.
  return { type: "plain_text", text: clip(text, max, escapeText) || "–", emoji: false };
}

function markdown(text: string): Markdown {
  return { type: "mrkdwn", text, verbatim: true };
}
