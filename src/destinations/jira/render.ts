/** A message as the issue that it would create and the comment that it would add. */
import type { Severity } from "../../alert/severity.ts";
import { contentOf, type Content } from "../content.ts";
import type { Message } from "../destination.ts";
import { severityOf } from "../facts.ts";
import { compileParts } from "../parts.ts";
import { clip, oneLine } from "../text.ts";
import { noteLines } from "../ticket.ts";
import { headingOf } from "../words.ts";
import { escapeWiki, markOf, textOfContent, textOfWords, type Api, type JiraText } from "./text.ts";

const MAX_SUMMARY = 255;
const MAX_LABEL = 255;

/** What `POST /issue` takes. */
export interface IssueFields {
  readonly project: { readonly key: string };
  readonly issuetype: { readonly name: string };
  readonly summary: string;
  readonly description: JiraText;
  readonly labels: readonly string[];
  readonly [name: string]: unknown;
}

export interface JiraDraft {
  /** Whether the message is the first of what it tells of: it has an issue to itself then. */
  readonly isFirst: boolean;
  readonly fields: IssueFields;
  readonly comment: JiraText;
  /** By which its comment is known again. */
  readonly mark: string;
  /** By which its issue is found: that of the case, if one issue stands for it, then its own. */
  readonly labels: Labels;
}

/** Undefined for what the message has none of. */
export interface Labels {
  readonly case?: string | undefined;
  readonly alert?: string | undefined;
  /** Of this message: an issue that has it was created by an earlier try. */
  readonly message: string;
}

export interface RenderOptions {
  readonly api: Api;
  readonly project: string;
  readonly issue_type: string;
  readonly labels: readonly string[];
  readonly priority: Readonly<Partial<Record<Severity, string>>>;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly case: "alert" | "issue";
  readonly template?: Partial<Record<"title" | "text" | "comment", string | undefined>> | undefined;
}

/** Makes the function that renders drafts. Throws TEMPLATE_INVALID naming the part that does not parse. */
export function createRender(
  options: RenderOptions,
  component: string,
): (message: Message) => JiraDraft {
  const { api } = options;
  const escape = api === "server" ? escapeWiki : null;
  const escapes = { title: null, text: escape, comment: escape };
  const renderParts = compileParts(options.template, escapes, component);
  return (message) => {
    const parts = renderParts(message);
    const labels = labelsOf(message, options.case);
    const mark = markOf(message.key);
    const description =
      parts.text === undefined
        ? textOfContent(api, contentOf(message), mark)
        : textOfWords(api, parts.text, mark);
    const isFirst = message.kind === "alert";
    const comment =
      parts.comment !== undefined
        ? textOfWords(api, parts.comment, mark)
        : isFirst
          ? description
          : textOfContent(api, noteOf(message), mark);
    const summary = clip(oneLine(parts.title ?? headingOf(message)).trim() || "–", MAX_SUMMARY);
    return {
      isFirst,
      fields: { ...fieldsOf(message, options, labels), summary, description },
      comment,
      mark,
      labels,
    };
  };
}

function fieldsOf(message: Message, options: RenderOptions, labels: Labels) {
  const { project, issue_type, fields } = options;
  const priority = options.priority[severityOf(message)];
  const own = [labels.case, labels.alert, labels.message].filter((label) => label !== undefined);
  return {
    ...fields,
    project: { key: project },
    issuetype: { name: issue_type },
    labels: [...new Set([...options.labels, ...own])],
    ...(priority === undefined ? {} : { priority: { name: priority } }),
  };
}

/** A digest is no alert: its issue does not close when its first alert does. */
function labelsOf({ alert, digest, case: inCase, key }: Message, per: "alert" | "issue"): Labels {
  return {
    case: per === "issue" && inCase ? labelOf(inCase.id) : undefined,
    alert: digest ? undefined : labelOf(alert.id),
    message: labelOf(key),
  };
}

/** A label takes no spaces. */
function labelOf(text: string): string {
  return `tocsin-${text.replace(/[\s"\\]/g, "-")}`.slice(0, MAX_LABEL);
}

function noteOf(message: Message): Content {
  const { links } = contentOf(message);
  const [heading = "", ...lines] = noteLines(message);
  return {
    heading,
    facts: [],
    passages: [{ kind: "prose", text: lines.join("\n") }],
    links: links.slice(0, 1),
    origin: "",
  };
}
