/**
 * A message as Telegram takes it: HTML of which the shown characters are counted. Texts are cut before
 * they are escaped, so that no tag and no escape is cut in half.
 * https://core.telegram.org/bots/api#html-style
 *
 * Links are links of the text and no buttons: a button with a URL that Telegram does not like, such as one
 * of a host without a domain, has the whole message refused; a link of that kind is shown as text.
 */
import { writePassages, type Content, type Passage } from "../content.ts";
import { compileChat, type Said, type Templates } from "../chat.ts";
import type { Message } from "../destination.ts";
import { escapeHtml } from "../escape.ts";
import { cutHtml, shownOf } from "../html-cut.ts";
import { clip, manyLines, oneLine } from "../text.ts";

/** Characters that are shown. */
export const MAX_TEXT = 4096;
const MAX_HEADING = 300;
const GAP = "\n\n";

export interface TelegramMessage {
  readonly text: string;
  readonly parse_mode: "HTML";
  readonly link_preview_options: { readonly is_disabled: true };
}

/** Makes the function that renders messages. Throws TEMPLATE_INVALID. */
export function createRender(
  templates: Templates,
  component: string,
): (message: Message) => TelegramMessage {
  const say = compileChat({
    templates,
    component,
    escape: escapeHtml,
    link: escapeHtml,
    maxValue: MAX_TEXT,
  });
  return (message) => ({
    text: textOf(say(message)),
    parse_mode: "HTML",
    link_preview_options: { is_disabled: true },
  });
}

function textOf({ content, own }: Said): string {
  const { facts, links, origin } = content;
  const heading = headingOf(content, own.title);
  const list = own.text === undefined ? facts.map(factOf).join("\n") : "";
  const anchors = links.map(
    ({ label, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`,
  );
  const end = [`<i>${escapeHtml(origin)}</i>`, anchors.join(" · ")].filter(Boolean).join("\n");
  const taken = [heading, list, end].map((part) => shownOf(part).length + GAP.length);
  const room = MAX_TEXT - taken.reduce((sum, length) => sum + length, 0);
  const body = own.text === undefined ? bodyOf(content.passages, room) : ownText(own.text, room);
  return [heading, list, body, end].filter((part) => part !== "").join(GAP);
}

function headingOf({ heading }: Content, title: string | undefined): string {
  if (title === undefined) return `<b>${escapeHtml(clip(heading, MAX_HEADING))}</b>`;
  // Telegram refuses a message that shows nothing; the small print is always there.
  return cutHtml(oneLine(title).trim(), MAX_HEADING);
}

function ownText(html: string, room: number): string {
  return cutHtml(manyLines(html).trim(), room);
}

function factOf({ label, values }: Content["facts"][number]): string {
  const shown = values.map((value) => `<code>${escapeHtml(oneLine(value))}</code>`);
  return `<b>${escapeHtml(label)}:</b> ${shown.join(", ")}`;
}

function bodyOf(passages: readonly Passage[], room: number): string {
  const gaps = passages.length * GAP.length;
  const texts = writePassages(passages, room - gaps, ({ text }, max) => clip(text, max));
  return texts
    .map((text, index) =>
      passages[index]?.kind === "lines" ? `<pre>${escapeHtml(text)}</pre>` : escapeHtml(text),
    )
    .join(GAP);
}
