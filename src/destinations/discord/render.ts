/**
 * A message as Discord takes it: the heading as its content, which notifications show, and everything
 * else in one embed with the severity's colour. Nobody is mentioned, whatever a text says.
 * https://discord.com/developers/docs/resources/message#embed-object
 */
import { markdownUrl, writePassages, type Content, type Link, type Passage } from "../content.ts";
import { compileChat, type Own, type Templates } from "../chat.ts";
import type { Message } from "../destination.ts";
import { COLOURS, severityOf } from "../facts.ts";
import { clip, manyLines, oneLine } from "../text.ts";

/** https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
export const LIMITS = {
  content: 2000,
  description: 4096,
  field: 1024,
  fields: 25,
  /** The texts of an embed in all. */
  embed: 6000,
} as const;
const MAX_HEADING = 500;
const MAX_VALUE = 200;
const SMALL_PRINT = 200;
const MAX_URL = 1000;

interface Field {
  readonly name: string;
  readonly value: string;
  readonly inline: true;
}

interface Embed {
  readonly description?: string;
  /** `0xrrggbb` as a number. */
  readonly color: number;
  readonly fields: readonly Field[];
  readonly footer: { readonly text: string };
}

export interface DiscordMessage {
  readonly content: string;
  readonly embeds: readonly [Embed];
  readonly allowed_mentions: { readonly parse: readonly [] };
}

/** Makes the function that renders messages. Throws TEMPLATE_INVALID. */
export function createRender(
  templates: Templates,
  component: string,
): (message: Message) => DiscordMessage {
  const say = compileChat({
    templates,
    component,
    escape: escapeText,
    link: markdownUrl,
    maxValue: LIMITS.embed,
    maxUrl: MAX_URL,
  });
  return (message) => {
    const { content, own } = say(message);
    return {
      content: headingOf(content, own.title),
      embeds: [embedOf(message, content, own)],
      allowed_mentions: { parse: [] },
    };
  };
}

/** Each character for itself; Discord takes the backslash away before any sign. */
export function escapeText(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+\-.!~|:@=]/g, "\\$&");
}

function headingOf({ heading }: Content, title: string | undefined): string {
  if (title === undefined) return `**${clip(heading, MAX_HEADING, escapeText)}**`;
  return clip(oneLine(title).trim(), MAX_HEADING) || "–";
}

function embedOf(message: Message, content: Content, own: Own): Embed {
  const fields = own.text === undefined ? content.facts.map(fieldOf) : [];
  const footer = clip(content.origin, SMALL_PRINT);
  const taken = fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  const room = Math.min(LIMITS.description, LIMITS.embed - taken - footer.length);
  const description = descriptionOf(content, own.text, room);
  return {
    ...(description === "" ? {} : { description }),
    color: Number.parseInt(COLOURS[severityOf(message)].slice(1), 16),
    fields,
    footer: { text: footer },
  };
}

function descriptionOf(
  { passages, links }: Content,
  text: string | undefined,
  room: number,
): string {
  const end = links.map(linkTo).join(" · ");
  const left = room - end.length - "\n\n".length;
  const body = text === undefined ? bodyOf(passages, left) : clip(manyLines(text).trim(), left);
  return [body, end].filter((part) => part !== "").join("\n\n");
}

function bodyOf(passages: readonly Passage[], room: number): string {
  const gaps = passages.length * "\n\n".length;
  return writePassages(passages, room - gaps, ({ kind, text }, max) =>
    kind === "lines" ? codeBlock(text, max) : clip(text, max, escapeText),
  ).join("\n\n");
}

function codeBlock(text: string, max: number): string {
  const fence = "```\n";
  return `${fence}${clip(text, max - fence.length * 2, escapeCode)}\n\`\`\``;
}

function fieldOf({ label, values }: Content["facts"][number]): Field {
  const shown = values.map((value) => `\`${clip(oneLine(value), MAX_VALUE, escapeCode) || " "}\``);
  return { name: label, value: shown.join(", "), inline: true };
}

function linkTo({ label, url }: Link): string {
  return `[${escapeText(label)}](${markdownUrl(url)})`;
}

function escapeCode(text: string): string {
  return text.replaceAll("`", "ˋ");
}
