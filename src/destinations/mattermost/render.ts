/**
 * A message as Mattermost takes it: the heading, texts and links as the post, the colour and the facts as
 * its attachment. Alert text is escaped or stands in code, where nothing is a mention.
 * https://developers.mattermost.com/integrate/reference/message-attachments/
 */
import { markdownUrl, writePassages, type Content, type Passage } from "../content.ts";
import { compileChat, type Own, type Templates } from "../chat.ts";
import type { Message } from "../destination.ts";
import { COLOURS, severityOf } from "../facts.ts";
import { clip, manyLines, oneLine } from "../text.ts";
import { breakMarks, code, codeBlock, escapeText, linkTo } from "./markdown.ts";

/** Characters of a post, since Mattermost 5.0. */
export const MAX_TEXT = 16_383;
const MAX_HEADING = 500;
const MAX_VALUE = 200;
const SMALL_PRINT = 200;

interface Field {
  readonly title: string;
  readonly value: string;
  readonly short: true;
}

interface Attachment {
  readonly fallback: string;
  readonly color: string;
  readonly fields: readonly Field[];
  readonly footer: string;
}

/** As a webhook takes it. */
export interface MattermostMessage {
  readonly text: string;
  readonly attachments: readonly [Attachment];
}

/** Makes the function that renders messages. Throws TEMPLATE_INVALID. */
export function createRender(
  templates: Templates,
  component: string,
): (message: Message) => MattermostMessage {
  const say = compileChat({
    templates,
    component,
    escape: (text) => escapeText(breakMarks(text)),
    link: markdownUrl,
    maxValue: MAX_TEXT,
  });
  return (message) => {
    const { content, own } = say(message);
    return { text: textOf(content, own), attachments: [attachmentOf(message, content, own)] };
  };
}

/** The same as a post of a bot, but for its channel. */
export function showPost({ text, attachments }: MattermostMessage) {
  return { message: text, props: { attachments } };
}

function textOf(content: Content, own: Own): string {
  const heading = `#### ${headingOf(content, own.title)}`;
  const end = content.links.map(linkTo).join(" · ");
  const room = MAX_TEXT - heading.length - end.length - "\n\n".length * 2;
  const body = own.text === undefined ? bodyOf(content.passages, room) : ownText(own.text, room);
  return [heading, body, end].filter((part) => part !== "").join("\n\n");
}

function headingOf({ heading }: Content, title: string | undefined): string {
  if (title !== undefined) return clip(oneLine(title).trim(), MAX_HEADING) || "–";
  return clip(breakMarks(heading), MAX_HEADING, escapeText);
}

function ownText(text: string, room: number): string {
  return clip(manyLines(text).trim(), room);
}

function bodyOf(passages: readonly Passage[], room: number): string {
  const gaps = passages.length * "\n\n".length;
  return writePassages(passages, room - gaps, ({ kind, text }, max) =>
    kind === "lines" ? codeBlock(text, max) : clip(breakMarks(text), max, escapeText),
  ).join("\n\n");
}

function attachmentOf(message: Message, content: Content, own: Own): Attachment {
  return {
    fallback: clip(content.heading, MAX_HEADING),
    color: COLOURS[severityOf(message)],
    fields: own.text === undefined ? content.facts.map(fieldOf) : [],
    footer: clip(content.origin, SMALL_PRINT),
  };
}

function fieldOf({ label, values }: Content["facts"][number]): Field {
  return {
    title: label,
    value: values.map((value) => code(value, MAX_VALUE)).join(", "),
    short: true,
  };
}
