/** The header of a syslog message (RFC 5424 §6.2). */
import type { Severity } from "../../alert/severity.ts";
import type { Message } from "../destination.ts";
import { severityOf } from "../facts.ts";

/** Those of RFC 5424 §6.2.1 that fit alerts, and the ones that are everybody's own. */
export const FACILITIES = [
  "user",
  "daemon",
  "auth",
  "authpriv",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
] as const;
export type Facility = (typeof FACILITIES)[number];

const FACILITY_CODES: Readonly<Record<Facility, number>> = {
  user: 1,
  daemon: 3,
  auth: 4,
  authpriv: 10,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

/** Critical 2, error 3, warning 4, notice 5, informational 6. */
const SEVERITY_CODES: Readonly<Record<Severity, number>> = {
  critical: 2,
  high: 3,
  medium: 4,
  low: 5,
  unknown: 5,
  informational: 6,
};

/** What stands in every header of a destination. */
export interface Origin {
  readonly facility: Facility;
  readonly hostname: string;
  readonly app_name: string;
}

/**
 * `<131>1 2026-05-05T10:00:00.000Z web-1 tocsin - alert - `, with the blank before the text. There are no
 * structured data: names of one's own need a number that is assigned to the sender.
 */
export function headerOf(message: Message, origin: Origin): string {
  const priority = FACILITY_CODES[origin.facility] * 8 + SEVERITY_CODES[severityOf(message)];
  const what = topicOf(message);
  return `<${priority}>1 ${timeOf(message)} ${origin.hostname} ${origin.app_name} - ${what} - `;
}

/** What a message is about, as the header's MSGID and the category of CEF. */
export function topicOf({ kind, digest, test }: Message): string {
  if (test) return "test";
  return digest && kind === "alert" ? "digest" : kind;
}

/** What is told for the first time bears the time at which it came, the rest when it was seen last. */
function timeOf({ kind, alert, digest }: Message): string {
  if (kind === "alert") return alert.received_at;
  const seen = (digest?.alerts ?? [alert]).map(({ last_seen }) => last_seen).toSorted();
  return seen.at(-1) ?? alert.last_seen;
}

/**
 * The text of a message: UTF-8 that is not ASCII begins with a byte order mark (RFC 5424 §6.4). Pure
 * ASCII does without, and many parsers want no mark in front of JSON or CEF.
 */
export function markUtf8(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `\ufeff${text}`;
}
