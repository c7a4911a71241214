/**
 * Text that an attacker wrote, in the Markdown of Mattermost.
 * https://docs.mattermost.com/collaborate/format-messages.html
 */
import { clip, oneLine } from "../text.ts";
import { markdownUrl, type Link } from "../content.ts";

/** Each character for itself; what takes more than one to be markup is broken by `breakMarks`. */
export function escapeText(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#+\-.!~|]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** No `:name:` becomes an emoji and no line of `=` a heading. */
export function breakMarks(text: string): string {
  return text
    .replace(/:(?=[a-z0-9_+-]*[a-z_+-][a-z0-9_+-]*:)/gi, ":\u200b")
    .replace(/^(\s*)(?==)/gm, "$1\u200b");
}

/** A value in one line, at most `max` characters, in which nothing is markup, mention or link. */
export function code(text: string, max: number): string {
  return `\`${clip(oneLine(text), max, escapeCode) || " "}\``;
}

/** Lines in a block of code, at most `max` characters. */
export function codeBlock(text: string, max: number): string {
  const fence = "```\n";
  return `${fence}${clip(text, max - fence.length * 2, escapeCode)}\n\`\`\``;
}

export function linkTo({ label, url }: Link): string {
  return `[${escapeText(label)}](${markdownUrl(url)})`;
}

function escapeCode(text: string): string {
  return text.replaceAll("`", "ˋ");
}
