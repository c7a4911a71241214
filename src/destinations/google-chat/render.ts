/**
 * A message as Google Chat takes it: one card. Its texts are read as a little HTML, so alert text is
 * escaped; the plain text for notifications can hold `<users/all>` and has no angle brackets.
 * https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
 */
import { createHash } from "node:crypto";
import { writePassages, type Content, type Passage } from "../content.ts";
import { compileChat, type Own, type Templates } from "../chat.ts";
import type { Message } from "../destination.ts";
import { escapeHtml } from "../escape.ts";
import { COLOURS, severityOf } from "../facts.ts";
import { fitBytes } from "../fit.ts";
import { cutHtml } from "../html-cut.ts";
import { clip, manyLines, oneLine } from "../text.ts";

/** Bytes, text and cards together. */
export const MAX_MESSAGE = 32_000;
const MAX_HEADING = 300;
const MAX_URL = 1000;
const MIN_TEXT = 100;

type Widget =
  | { readonly textParagraph: { readonly text: string } }
  | {
      readonly decoratedText: {
        readonly topLabel: string;
        readonly text: string;
        readonly wrapText: true;
      };
    }
  | { readonly buttonList: { readonly buttons: readonly Button[] } };

interface Button {
  readonly text: string;
  readonly onClick: { readonly openLink: { readonly url: string } };
}

export interface ChatMessage {
  /** For notifications. */
  readonly fallbackText: string;
  readonly cardsV2: readonly [
    {
      readonly cardId: "alert";
      readonly card: { readonly sections: readonly [{ readonly widgets: readonly Widget[] }] };
    },
  ];
  readonly thread?: { readonly threadKey: string };
}

/** Makes the function that renders messages. Throws TEMPLATE_INVALID. */
export function createRender(
  templates: Templates,
  component: string,
): (message: Message) => ChatMessage {
  const say = compileChat({
    templates,
    component,
    escape: escapeHtml,
    link: escapeHtml,
    maxValue: MAX_MESSAGE,
    maxUrl: MAX_URL,
  });
  return (message) => {
    const { content, own } = say(message);
    return fitBytes((room) => messageOf(message, content, own, room), MAX_MESSAGE);
  };
}

function messageOf(message: Message, content: Content, own: Own, room: number): ChatMessage {
  const { heading, origin, links } = content;
  const body = own.text === undefined ? bodyOf(content, room) : ownText(own.text, room);
  const widgets = [
    paragraph(headingOf(message, heading, own.title)),
    ...body,
    paragraph(`<i>${escapeHtml(origin)}</i>`),
    ...(links.length === 0 ? [] : [{ buttonList: { buttons: links.map(buttonOf) } }]),
  ];
  return {
    fallbackText: clip(heading, MAX_HEADING).replaceAll("<", "‹").replaceAll(">", "›"),
    cardsV2: [{ cardId: "alert", card: { sections: [{ widgets }] } }],
    ...(message.thread === null ? {} : { thread: { threadKey: keyOf(message.thread) } }),
  };
}

/** What stands in the name of a thread comes from alerts, and may be longer than a key may be. */
function keyOf(thread: string): string {
  return createHash("sha256").update(thread).digest("hex");
}

function headingOf(message: Message, heading: string, title: string | undefined): string {
  if (title !== undefined) return cutHtml(oneLine(title).trim(), MAX_HEADING) || "–";
  const colour = COLOURS[severityOf(message)];
  return `<b><font color="${colour}">${escapeHtml(clip(heading, MAX_HEADING))}</font></b>`;
}

function bodyOf({ facts, passages }: Content, room: number): Widget[] {
  return [...facts.map(factOf), ...textsOf(passages, room)];
}

function textsOf(passages: readonly Passage[], room: number): Widget[] {
  return writePassages(passages, room, ({ text }, max) => clip(text, max, escapeHtml)).map(
    paragraph,
  );
}

function factOf({ label, values }: Content["facts"][number]): Widget {
  const text = values.map(escapeHtml).join(", ");
  return { decoratedText: { topLabel: label, text, wrapText: true } };
}

function ownText(html: string, room: number): Widget[] {
  const text = manyLines(html).trim();
  return text === "" || room < MIN_TEXT ? [] : [paragraph(cutHtml(text, room))];
}

function paragraph(text: string): Widget {
  return { textParagraph: { text } };
}

function buttonOf({ label, url }: Content["links"][number]): Button {
  return { text: clip(label, MIN_TEXT), onClick: { openLink: { url } } };
}
