/**
 * What a message says to people, piece by piece, before any markup: for every chat. All of it may hold
 * hostile text: escape it for where it will stand.
 */
import type { Message } from "./destination.ts";
import { artifactLines, factsOf, linkUrl, type Fact } from "./facts.ts";
import { clipList, manyLines } from "./text.ts";
import { alertLine, headingOf, originOf } from "./words.ts";

/** A longer text. `lines` are in columns and want a font of one width. */
export interface Passage {
  readonly kind: "prose" | "lines";
  readonly text: string;
}

/** A button or link; the URL is http or https, the label names where it leads. */
export interface Link {
  readonly label: string;
  readonly url: string;
}

export interface Content {
  /** One line. */
  readonly heading: string;
  readonly facts: readonly Fact[];
  /** The most important first. */
  readonly passages: readonly Passage[];
  readonly links: readonly Link[];
  /** The small print, one line. */
  readonly origin: string;
}

const MAX_ALERTS = 10;
/** A passage with less room than this is left out. */
const MIN_PASSAGE = 100;

/** What there is to say of a message. Nothing but fact values is cut; URLs have `maxUrl` characters at most. */
export function contentOf(message: Message, maxUrl = 2000): Content {
  return {
    heading: headingOf(message),
    facts: factsOf(message),
    passages: passagesOf(message),
    links: linksOf(message, maxUrl),
    origin: originOf(message),
  };
}

function passagesOf({ alert, digest }: Message): Passage[] {
  if (digest) return linesOf(clipList(digest.alerts, MAX_ALERTS, alertLine, digest.total));
  const { reason, description } = alert;
  return [
    ...proseOf(reason),
    ...linesOf(artifactLines(alert.artifacts)),
    ...(description === reason ? [] : proseOf(description)),
  ];
}

function linesOf(lines: readonly string[]): Passage[] {
  return lines.length === 0 ? [] : [{ kind: "lines", text: lines.join("\n") }];
}

function proseOf(text: string | null): Passage[] {
  return text?.trim() ? [{ kind: "prose", text: manyLines(text) }] : [];
}

/** The link to the vendor names the host it leads to: the URL comes from the alert. */
export function linksOf({ alert, digest, link }: Message, maxUrl = 2000): Link[] {
  const own = linkUrl(link, maxUrl);
  const vendor = digest ? undefined : linkUrl(alert.external.url, maxUrl);
  return [
    ...(own ? [{ label: "Open in Tocsin", url: own.href }] : []),
    ...(vendor ? [{ label: `Open at ${vendor.host}`, url: vendor.href }] : []),
  ];
}

/** A passage that is kept, with the most characters it may have. */
export type PassageWriter = (passage: Passage, max: number) => string;

/**
 * Writes passages into `room` characters in all, the first ones first; `write` answers at most `max`
 * characters. What has no room is left out.
 */
export function writePassages(
  passages: readonly Passage[],
  room: number,
  write: PassageWriter,
): string[] {
  const written: string[] = [];
  let left = room;
  for (const passage of passages) {
    if (left < MIN_PASSAGE) break;
    const text = write(passage, left);
    written.push(text);
    left -= text.length;
  }
  return written;
}

/** The content with all of its texts quiet; links stay links. */
export function quietContent({ heading, facts, passages, links, origin }: Content): Content {
  return {
    heading: quiet(heading),
    facts: facts.map(({ label, values }) => ({ label, values: values.map(quiet) })),
    passages: passages.map(({ kind, text }) => ({ kind, text: quiet(text) })),
    links,
    origin: quiet(origin),
  };
}

/**
 * Text that no chat makes a link or a mention of by itself: addresses and what could be a domain are
 * defanged, and no name stands behind an `@`. Numbers and times stay as they are.
 */
export function quiet(text: string): string {
  return text
    .replace(/\b(h)tt(ps?:\/\/)/gi, "$1xx$2")
    .replace(/\b(?!hxxps?:)([a-z][a-z0-9+.-]{0,30}):\/\//gi, "$1[:]//")
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, (address) => address.replaceAll(".", "[.]"))
    .replace(/(?<=[\p{L}\p{N}])\.(?=\p{L}{2})/gu, "[.]")
    .replace(/@(?!\])/g, "@\u200b");
}

/** A URL that stands between the parentheses of a Markdown link, and cannot end it. */
export function markdownUrl(url: string): string {
  return url.replace(/[()|]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
