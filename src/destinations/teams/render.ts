/** A message as a workflow of Teams takes it: one Adaptive Card, cut to what Teams takes. */
import { markdownUrl, writePassages, type Content } from "../content.ts";
import { compileChat, type Said, type Templates } from "../chat.ts";
import type { Message } from "../destination.ts";
import { escapeMarkdown } from "../escape.ts";
import { severityOf } from "../facts.ts";
import { fitBytes } from "../fit.ts";
import { clip, manyLines, oneLine } from "../text.ts";
import * as card from "./card.ts";

/** What Teams says that it takes: about 28 kB. */
export const MAX_BODY = 28_000;
/** What is used of it: senders see cards refused that are larger than about 21 kB. */
const BUDGET = 20_000;
const MAX_HEADING = 300;
const MAX_URL = 1000;
const MIN_TEXT = 100;

interface AdaptiveCard {
  readonly $schema: "http://adaptivecards.io/schemas/adaptive-card.json";
  readonly type: "AdaptiveCard";
  readonly version: "1.2";
  readonly fallbackText: string;
  readonly body: readonly card.Element[];
  readonly actions?: readonly card.OpenUrl[];
  readonly msteams: { readonly width: "Full" };
}

export interface TeamsMessage {
  readonly type: "message";
  readonly attachments: readonly [
    {
      readonly contentType: "application/vnd.microsoft.card.adaptive";
      readonly contentUrl: null;
      readonly content: AdaptiveCard;
    },
  ];
}

/** Makes the function that renders messages. Throws TEMPLATE_INVALID. */
export function createRender(
  templates: Templates,
  component: string,
): (message: Message) => TeamsMessage {
  const say = compileChat({
    templates,
    component,
    escape: escapeMarkdown,
    link: markdownUrl,
    maxValue: BUDGET,
    maxUrl: MAX_URL,
  });
  return (message) => {
    const said = say(message);
    return fitBytes((room) => wrap(cardOf(message, said, room)), BUDGET);
  };
}

function wrap(content: AdaptiveCard): TeamsMessage {
  const contentType = "application/vnd.microsoft.card.adaptive";
  return { type: "message", attachments: [{ contentType, contentUrl: null, content }] };
}

function cardOf(message: Message, { content, own }: Said, room: number): AdaptiveCard {
  const actions = content.links.map(({ label, url }) => openUrl(label, url));
  const heading = clip(content.heading, MAX_HEADING);
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.2",
    fallbackText: heading,
    body: [
      headingOf(message, heading, own.title),
      ...(own.text === undefined ? bodyOf(content, room) : templateOf(own.text, room)),
      card.line(content.origin, { size: "Small", isSubtle: true }),
    ],
    ...(actions.length === 0 ? {} : { actions }),
    msteams: { width: "Full" },
  };
}

function headingOf(message: Message, heading: string, title: string | undefined): card.Container {
  const look = { weight: "Bolder", size: "Large" } as const;
  const text =
    title === undefined
      ? card.line(heading, look)
      : card.markdown(clip(oneLine(title), MAX_HEADING) || "–", look);
  const style = card.STYLES[severityOf(message)];
  return { type: "Container", style, bleed: true, items: [text] };
}

function bodyOf({ facts, passages }: Content, room: number): card.Element[] {
  const written = writePassages(passages, room, ({ text }, max) => clip(text, max));
  return [
    ...facts.map(({ label, values }) => card.fact(label, values)),
    ...written.flatMap((text, index) =>
      card.lines(text, passages[index]?.kind === "lines" ? { fontType: "Monospace" } : {}),
    ),
  ];
}

function templateOf(text: string, room: number): card.Element[] {
  const shown = manyLines(text).trim();
  return shown === "" || room < MIN_TEXT ? [] : [card.markdown(clip(shown, room))];
}

function openUrl(title: string, url: string): card.OpenUrl {
  return { type: "Action.OpenUrl", title: clip(title, MIN_TEXT), url };
}
