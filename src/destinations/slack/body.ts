/** The body of a message: facts, texts, buttons and small print, within the sum that Slack allows. */
import { artifactLines, factsOf, linkUrl } from "../facts.ts";
import type { Message } from "../destination.ts";
import { clipList } from "../text.ts";
import { alertLine, originOf } from "../words.ts";
import { actionsOf } from "./actions.ts";
import * as blocks from "./blocks.ts";
import type { Block, Button } from "./blocks.ts";

/** Parts that the configuration words itself, as Slack's markup. An empty one is left out. */
export interface OwnParts {
  readonly facts?: string | undefined;
  readonly text?: string | undefined;
}

const MAX_VALUE = 100;
const MAX_ALERTS = 10;
/** A part with less room than this is left out. */
const MIN_PART = 100;

/** Facts, buttons and small print have their room; the long texts share what is left of the sum. */
export function bodyOf(message: Message, own: OwnParts, hasActions: boolean): Block[] {
  const facts = own.facts === undefined ? factSections(message) : markupOf(own.facts);
  const end = blocks.ending(elementsOf(message, hasActions), originOf(message));
  let room = blocks.LIMITS.sum - blocks.LIMITS.header * 2 - blocks.sizeOf([facts, end]);
  const texts: Block[] = [];
  for (const make of own.text === undefined ? textsOf(message) : [markupIn(own.text)]) {
    if (room < MIN_PART) break;
    // Room for the words around the text, which count too.
    const block = make(room - MIN_PART / 2);
    if (!block) continue;
    room -= blocks.sizeOf(block);
    texts.push(block);
  }
  return [...facts, ...texts, ...end];
}

/** Makes a block of at most so many characters; undefined when there is nothing to say. */
type Make = (max: number) => Block | undefined;

function textsOf({ alert, digest }: Message): Make[] {
  if (digest) {
    const lines = clipList(digest.alerts, MAX_ALERTS, alertLine, digest.total);
    return [(max) => blocks.codeBlock(lines, max)];
  }
  const artifacts = artifactLines(alert.artifacts);
  return [
    paragraphIn(alert.reason),
    (max) => (artifacts.length === 0 ? undefined : blocks.codeBlock(artifacts, max)),
    paragraphIn(alert.description === alert.reason ? null : alert.description),
  ];
}

function paragraphIn(text: string | null): Make {
  return (max) => (text?.trim() ? blocks.paragraph(text, max) : undefined);
}

function markupIn(text: string): Make {
  return (max) => (text.trim() === "" ? undefined : blocks.markup(text, max));
}

function markupOf(text: string): Block[] {
  const block = markupIn(text)(blocks.LIMITS.section);
  return block ? [block] : [];
}

/** Values are cut once they are escaped: only then is it known how long they are. */
function factSections(message: Message): Block[] {
  const facts = factsOf(message, Number.POSITIVE_INFINITY);
  return blocks.fieldSections(
    facts.map(({ label, values }) => blocks.field(label, values, MAX_VALUE)),
  );
}

function elementsOf(message: Message, hasActions: boolean) {
  const { alert, digest, link } = message;
  const own = linkUrl(link, blocks.LIMITS.url);
  // Buttons act on one alert.
  const actions = hasActions && !digest ? actionsOf(alert) : [];
  const links: Button[] = own ? [blocks.linkButton("Open in Tocsin", own.href)] : [];
  return [...actions, ...links, ...(digest ? [] : vendorButton(alert.external.url))];
}

/** The button to the vendor names the host it leads to: the URL comes from the alert. */
function vendorButton(url: string | null): Button[] {
  const vendor = linkUrl(url, blocks.LIMITS.url);
  return vendor ? [blocks.linkButton(`Open at ${vendor.host}`, vendor.href)] : [];
}
