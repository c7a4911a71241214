/** A message as a mail: its subject, both bodies, and the headers by which it is told apart. */
import type { Message } from "../destination.ts";
import { severityOf } from "../facts.ts";
import type { RenderParts } from "../parts.ts";
import { clip, manyLines, oneLine } from "../text.ts";
import { headingOf } from "../words.ts";
import type { EmailConfig } from "./email.ts";
import { htmlBody, htmlOfText } from "./html-body.ts";
import { idsOf } from "./ids.ts";
import { printMailbox } from "./mailbox.ts";
import { templateText, textBody } from "./text-body.ts";

/** A mail without the date and the boundaries, which it gets when it is sent. */
export interface Email {
  readonly subject: string;
  readonly text: string;
  /** Null when a template made more HTML than there is room for. */
  readonly html: string | null;
  readonly messageId: string;
  readonly references: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

export type PartName = "subject" | "text" | "html";

/** Outlook and Exchange cut what is longer. */
export const MAX_SUBJECT = 255;
/** For the headers that the mail program and nodemailer add, and the names of the parts. */
const OVERHEAD = 8192;
/** With less room for each long text it is the lists, or a long link, that make a mail too large. */
const MIN_ROOM = 100;
/** Most bytes that a character has in quoted-printable with its share of the soft line breaks. */
const WIDEST = 10;

type Addressed = Pick<EmailConfig, "from" | "to" | "cc">;

/** Bytes that are taken before anything is said, at most. */
export function fixedSize({ from, to, cc }: Addressed): number {
  return OVERHEAD + 4 * JSON.stringify([from, to, cc]).length;
}

/** Makes the function that renders mails of at most `max_size` bytes. */
export function createRender(config: EmailConfig, parts: RenderParts<PartName>) {
  const size = config.max_size - fixedSize(config);
  return (message: Message): Email => {
    const words = parts(message);
    let email = compose(message, words, config.max_size, config);
    // Room is counted in characters and size in bytes on the wire, so it is found by trying.
    for (let room = config.max_size; room >= MIN_ROOM;) {
      const share = size / wireSize(email);
      if (share >= 1) return email;
      room = Math.floor(room * Math.min(share, 0.9));
      email = compose(message, words, room, config);
    }
    return wireSize(email) <= size ? email : shortened(email, size);
  };
}

/** The beginning of the text alone. */
function shortened(email: Email, size: number): Email {
  const room = Math.floor((size - encodedSize(email.subject)) / WIDEST);
  return { ...email, text: clip(email.text, room), html: null };
}

function compose(
  message: Message,
  words: Partial<Record<PartName, string>>,
  room: number,
  { from }: EmailConfig,
): Email {
  const { id, references } = idsOf(message, from);
  return {
    subject: clip(oneLine(words.subject ?? headingOf(message)).trim(), MAX_SUBJECT),
    text: words.text === undefined ? textBody(message, room) : templateText(words.text, room),
    html: htmlOf(message, words, room),
    messageId: id,
    references,
    headers: {
      // So that nothing answers it, and no two programs answer each other (RFC 3834 §5).
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
      "X-Tocsin-Alert": message.alert.number,
      "X-Tocsin-Severity": severityOf(message),
    },
  };
}

/** A template's own HTML cannot be cut without breaking it: beyond the room it is left out. */
function htmlOf(message: Message, words: Partial<Record<PartName, string>>, room: number) {
  if (words.html !== undefined) {
    const html = manyLines(words.html);
    return html.length > room ? null : html;
  }
  return words.text === undefined ? htmlBody(message, room) : htmlOfText(words.text, room);
}

function wireSize({ subject, text, html }: Email): number {
  return encodedSize(subject) + encodedSize(text) + (html === null ? 0 : encodedSize(html));
}

/** Bytes in quoted-printable, at most (RFC 2045 §6.7): three for what is escaped, three for each break. */
function encodedSize(text: string): number {
  let size = 0;
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x3d;
    size += isPlain ? 1 : byte === 0x0a ? 5 : 3;
  }
  return Math.ceil((size * 76) / 70);
}

/** The mail in one piece and readable: without encodings, a date, and boundaries that nobody guesses. */
export function showEmail(email: Email, config: EmailConfig): string {
  const { from, to, cc, reply_to } = config;
  const headers = {
    From: printMailbox(from),
    To: to.map(printMailbox).join(", "),
    ...(cc.length > 0 ? { Cc: cc.map(printMailbox).join(", ") } : {}),
    ...(reply_to ? { "Reply-To": printMailbox(reply_to) } : {}),
    Subject: email.subject,
    "Message-ID": email.messageId,
    "In-Reply-To": email.references.at(-1) ?? "",
    References: email.references.join(" "),
    ...email.headers,
    "MIME-Version": "1.0",
    "Content-Type": 'multipart/alternative; boundary="parts"',
  };
  const part = (type: string, text: string) =>
    `--parts\nContent-Type: text/${type}; charset=utf-8\n\n${text}`;
  return [
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    part("plain", email.text),
    ...(email.html === null ? [] : [part("html", email.html)]),
    "--parts--\n",
  ].join("\n");
}
