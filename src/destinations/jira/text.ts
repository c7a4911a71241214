/**
 * Texts as the two APIs take them: REST v3 an Atlassian Document (ADF), REST v2 wiki markup.
 *
 * In a document alert text stands in text nodes, where nothing is markup. In wiki markup it stands in
 * `{noformat}`, where only the end of it has to be kept from appearing.
 * https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
 * https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=advanced
 */
import type { Content } from "../content.ts";
import { writePassages } from "../content.ts";
import { fitBytes } from "../fit.ts";
import { clip, manyLines } from "../text.ts";

/** Of a description or comment, in characters of what is sent. Jira takes 32,767. */
const MAX_TEXT = 32_700;
const MAX_HEADING = 255;

export interface AdfNode {
  readonly type: string;
  readonly text?: string;
  readonly marks?: readonly { readonly type: "link"; readonly attrs: { readonly href: string } }[];
  readonly content?: readonly AdfNode[];
}

export interface AdfDocument {
  readonly type: "doc";
  readonly version: 1;
  readonly content: readonly AdfNode[];
}

/** A document for REST v3, wiki markup for REST v2. */
export type JiraText = AdfDocument | string;

export type Api = "cloud" | "server";

/** What stands before a message's key at the end of a text, by which an earlier try is known again. */
const MARK = "Tocsin message ";

/** The mark of a message. */
export function markOf(key: string): string {
  return `${MARK}${key}`;
}

/** Keeps a text from the outside from looking like a mark. */
function unmark(text: string): string {
  return text.replaceAll(MARK, "Tocsin  message ");
}

function withoutMarks(content: Content): Content {
  return {
    ...content,
    heading: unmark(content.heading),
    facts: content.facts.map((fact) => ({ ...fact, values: fact.values.map(unmark) })),
    passages: content.passages.map((passage) => ({ ...passage, text: unmark(passage.text) })),
  };
}

/** Content as a text of the API, within what Jira takes; `ending` stands at its end in a line of its own. */
export function textOfContent(api: Api, content: Content, ending: string): JiraText {
  const make = api === "cloud" ? documentOf : wikiOf;
  const unmarked = withoutMarks(content);
  return fitBytes<JiraText>((room) => make(unmarked, ending, room), MAX_TEXT);
}

/** Plain text (cloud) or wiki markup (server) as a text of the API; `ending` as above. */
export function textOfWords(api: Api, words: string, ending: string): JiraText {
  return fitBytes<JiraText>((room) => {
    const text = clip(unmark(manyLines(words)), room);
    if (api === "server") return `${text}\n\n${ending}`;
    return documentWith([...text.split(/\n{2,}/).flatMap(paragraph), ...paragraph(ending)]);
  }, MAX_TEXT);
}

function documentOf(
  { heading, facts, passages, links, origin }: Content,
  ending: string,
  room: number,
) {
  const texts: AdfNode[] = [];
  writePassages(passages, room, ({ kind, text }, max) => {
    const kept = clip(text, max);
    texts.push(...(kind === "lines" ? [codeBlock(kept)] : kept.split(/\n{2,}/).flatMap(paragraph)));
    return kept;
  });
  return documentWith([
    ...paragraph(clip(heading, MAX_HEADING)),
    ...paragraph(facts.map(({ label, values }) => `${label}: ${values.join(", ")}`).join("\n")),
    ...texts,
    ...links.map(({ label, url }) => linkTo(label, url)),
    ...paragraph(`${origin}\n${ending}`),
  ]);
}

function documentWith(content: readonly AdfNode[]): AdfDocument {
  return { type: "doc", version: 1, content };
}

/** A paragraph of lines; none when nothing stands in them, as a text node must not be empty. */
function paragraph(text: string): AdfNode[] {
  const nodes = text
    .split("\n")
    .flatMap((line, index): AdfNode[] => [
      ...(index === 0 ? [] : [{ type: "hardBreak" }]),
      ...(line === "" ? [] : [{ type: "text", text: line }]),
    ]);
  return text.trim() === "" ? [] : [{ type: "paragraph", content: nodes }];
}

function codeBlock(text: string): AdfNode {
  return { type: "codeBlock", content: [{ type: "text", text }] };
}

function linkTo(label: string, href: string): AdfNode {
  const text: AdfNode = { type: "text", text: label, marks: [{ type: "link", attrs: { href } }] };
  return { type: "paragraph", content: [text] };
}

function wikiOf(
  { heading, facts, passages, links, origin }: Content,
  ending: string,
  room: number,
) {
  const written = writePassages(passages, room, ({ text }, max) => clip(text, max));
  const lines = facts.map(({ label, values }) => `${label}: ${values.join(", ")}`);
  const block = [clip(heading, MAX_HEADING), lines.join("\n"), ...written, origin].join("\n\n");
  const urls = links.map(
    ({ label, url }) => `[${label}|${url.replace(/[[\]{}|!]/g, encodeURIComponent)}]`,
  );
  return `{noformat}\n${block.replace(/\{(?=noformat)/gi, "{ ")}\n{noformat}\n${[...urls, ending].join("\n")}`;
}

/** Keeps a value from being wiki markup where an operator's template puts it. */
export function escapeWiki(text: string): string {
  return text.replace(/[\\{}[\]*_+^~|!?#-]/g, "\\$&").replace(/:\/\//g, ":\\//");
}
