/** A message as the record that it would create and the work note that it would add. */
import { boundKey } from "../../alert/key.ts";
import type { Severity } from "../../alert/severity.ts";
import type { Message } from "../destination.ts";
import { severityOf } from "../facts.ts";
import { compileParts } from "../parts.ts";
import { clip, manyLines, oneLine } from "../text.ts";
import { noteLines, ticketText } from "../ticket.ts";
import { headingOf } from "../words.ts";

const MAX_TITLE = 160;
const MAX_TEXT = 4000;
const MAX_KEY = 100;

/** What a record is created with. Everything in the Table API is text. */
export type IncidentRecord = Readonly<Record<string, string>>;

export interface IncidentDraft {
  /** Whether the message is the first of what it tells of. */
  readonly isFirst: boolean;
  readonly record: IncidentRecord;
  /** The work note. */
  readonly note: string;
  /** By which an earlier try's note is known again; the note ends with it. */
  readonly mark: string;
}

export interface RenderOptions {
  readonly urgency: Readonly<Partial<Record<Severity, string>>>;
  readonly impact: Readonly<Partial<Record<Severity, string>>>;
  readonly fields: Readonly<Record<string, string>>;
  readonly template?: Partial<Record<"title" | "text" | "comment", string | undefined>> | undefined;
}

const URGENCY: Readonly<Record<Severity, string>> = {
  critical: "1",
  high: "1",
  medium: "2",
  low: "3",
  informational: "3",
  unknown: "2",
};
/** One critical alert is a priority 1, a high one a priority 2. */
const IMPACT: Readonly<Record<Severity, string>> = { ...URGENCY, high: "2" };

/** Makes the function that renders drafts. Throws TEMPLATE_INVALID naming the part that does not parse. */
export function createRender(
  options: RenderOptions,
  component: string,
): (message: Message) => IncidentDraft {
  const escapes = { title: plain, text: plain, comment: plain };
  const renderParts = compileParts(options.template, escapes, component);
  return (message) => {
    const { title, text, comment } = renderParts(message);
    const mark = `${MARK}${message.key}`;
    const description = fit(text ?? plain(ticketText(message)), MAX_TEXT);
    const isFirst = message.kind === "alert";
    const note = comment ?? (isFirst ? description : plain(noteLines(message).join("\n")));
    return {
      isFirst,
      record: {
        ...options.fields,
        ...levelsOf(severityOf(message), options),
        short_description: clip(
          oneLine(title ?? plain(headingOf(message))).trim() || "–",
          MAX_TITLE,
        ),
        description,
        correlation_id: correlationOf(message),
        // Whole or a hash: the first and a later message must never look the same here.
        correlation_display: `${MARK}${boundKey(message.key, MAX_KEY - MARK.length)}`,
      },
      note: `${fit(note.replaceAll(MARK, "Tocsin  message "), MAX_TEXT - mark.length - 1)}\n${mark}`,
      mark,
    };
  };
}

/** What stands before a message's key, in a note and in `correlation_display`. */
const MARK = "Tocsin message ";

function levelsOf(severity: Severity, { urgency, impact }: RenderOptions) {
  return {
    urgency: urgency[severity] ?? URGENCY[severity],
    impact: impact[severity] ?? IMPACT[severity],
  };
}

/** A digest is no alert: its record has the message's key. */
function correlationOf({ alert, digest, key }: Message): string {
  return boundKey(digest ? key : alert.id, MAX_KEY);
}

function fit(text: string, max: number): string {
  return clip(manyLines(text), max);
}

/** Journal fields show as HTML what stands between `[code]` and `[/code]`; alert text must not. */
function plain(text: string): string {
  return text.replace(/\[(\/?)(?=code\])/gi, "($1");
}
