/** The line a terminal shows; nothing in an alert can reach the terminal as a command. */
import type { Alert } from "../../alert/schema.ts";
import type { Digest, Message, MessageKind } from "../destination.ts";
import { messageJson } from "../message-json.ts";
import { compileParts } from "../parts.ts";
import { clip, clipList, formatCount, oneLine } from "../text.ts";
import { reasonInWords, seenInWords, statusMark } from "../words.ts";

/** Longest line of a template's. */
const MAX_LINE = 10_000;
const MAX_TITLE = 160;
const MAX_VALUE = 64;
const MAX_VALUES = 3;
const SEVERITY_WIDTH = "informational".length;

export interface RenderOptions {
  readonly format: "text" | "json";
  readonly template?: { readonly line?: string | undefined } | undefined;
}

/** Makes the function that renders lines. Throws TEMPLATE_INVALID for a template that does not parse. */
export function createRender(
  { format, template }: RenderOptions,
  component: string,
): (message: Message) => string {
  const parts = compileParts(template, { line: null }, component);
  return (message) => {
    const { line } = parts(message);
    return line === undefined ? renderLine(message, format) : clip(oneLine(line.trim()), MAX_LINE);
  };
}

/**
 * `2026-05-05T10:00:00.000Z HIGH ALR-000123 title · source kibana · host web-1 · user bob`, of a
 * digest `2026-05-05T10:00:00.000Z HIGH DIGEST 12 alerts · grouped by route soc · …`.
 */
function renderLine(message: Message, format: "text" | "json"): string {
  if (format === "json") return renderJson(message);
  const { digest } = message;
  return (digest ? digestParts(message, digest) : alertParts(message)).join(" · ");
}

function alertParts(message: Message): string[] {
  const { alert, kind } = message;
  const title = clip(oneLine(alert.title), MAX_TITLE);
  const what = `${alert.number} ${marksOf(message)}${statusMark(alert)}${title}`;
  const seen = kind === "alert" ? [] : seenPart(message);
  return [`${headOf(message, alert.severity)} ${what}`, ...seen, ...whoAndWhere(alert)];
}

function digestParts(message: Message, digest: Digest): string[] {
  const { alert } = message;
  const title = clip(oneLine(alert.title), MAX_VALUE);
  const what = `${marksOf(message)}DIGEST ${formatCount(digest.total)} alerts`;
  return [
    `${headOf(message, digest.severity)} ${what}`,
    clip(oneLine(reasonInWords(digest)), MAX_TITLE),
    ...seenPart(message),
    `first ${alert.number} ${title}`,
    ...named(
      "rule",
      digest.rules.map(({ name }) => name),
    ),
    ...named(
      "host",
      digest.hosts.map(({ name }) => name),
    ),
  ];
}

/** What is told for the first time bears the time at which it came, the rest when it was seen last. */
function headOf({ alert, digest, kind }: Message, severity: string): string {
  const seen = (digest?.alerts ?? [alert]).map(({ last_seen }) => last_seen).toSorted();
  const time = kind === "alert" ? alert.received_at : (seen.at(-1) ?? alert.last_seen);
  return `${time} ${severity.toUpperCase().padEnd(SEVERITY_WIDTH)}`;
}

const KIND_MARKS: Readonly<Record<MessageKind, string>> = {
  alert: "",
  update: "UPDATE ",
  reminder: "REMINDER ",
  status: "STATUS ",
};

function marksOf({ kind, test }: Message): string {
  return `${test ? "[TEST] " : ""}${KIND_MARKS[kind]}`;
}

function seenPart(message: Message): string[] {
  const seen = seenInWords(message);
  return seen.length === 0 ? [] : [`seen ${seen.join(", ")}`];
}

function whoAndWhere({ source, entities }: Alert): string[] {
  return [
    `source ${oneLine(source.name)}`,
    ...named("host", entities.hosts),
    ...named("user", entities.users),
  ];
}

function named(name: string, values: readonly string[]): string[] {
  if (values.length === 0) return [];
  const shown = clipList(values, MAX_VALUES, (value) => clip(oneLine(value), MAX_VALUE));
  return [`${name} ${shown.join(", ")}`];
}

// JSON escapes the controls below U+0020 by itself; terminals obey some above it, too.
function renderJson(message: Message): string {
  return JSON.stringify(messageJson(message)).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    },
  );
}
