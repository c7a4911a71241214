/** What messages have in common when people read them. All of it may hold hostile text. */
import type { Alert } from "../alert/schema.ts";
import type { Digest, Message } from "./destination.ts";
import { clip, formatCount, oneLine } from "./text.ts";

/** The reason of a digest, with and without the name of what is behind it. */
const REASONS: Readonly<Record<string, readonly [named: string, unnamed: string]>> = {
  group_digest: ["grouped by route", "grouped"],
  limit_digest: ["over the limit of route", "over a limit"],
  hours_digest: ["held outside the hours of route", "held outside hours"],
  silence_digest: ["held back by silence", "held back by a silence"],
  reminder_digest: ["still open, route", "still open"],
};

/** Why a digest's alerts come together: `over the limit of route soc`. */
export function reasonInWords({ reason, cause }: Digest): string {
  const words = REASONS[reason];
  if (!words) return reason.replaceAll("_", " ");
  return cause === null ? words[1] : `${words[0]} ${cause}`;
}

/** `[CLOSED] ` in front of an alert that somebody took care of, nothing in front of a new one. */
export function statusMark({ status }: Alert): string {
  return status === "new" ? "" : `[${status.toUpperCase()}] `;
}

/**
 * How often, since when and when last what a message tells of was seen: `14 times`, `since …`,
 * `last …`. Nothing when each alert was seen once, or when not all of a digest's alerts are known.
 */
export function seenInWords({ alert, digest }: Message): readonly string[] {
  const alerts = digest?.alerts ?? [alert];
  const count = alerts.reduce((sum, each) => sum + each.count, 0);
  const isWhole = digest === null || digest.total === alerts.length;
  if (count <= alerts.length || !isWhole) return [];
  const [since] = alerts.map((each) => each.first_seen).toSorted();
  const last = alerts
    .map((each) => each.last_seen)
    .toSorted()
    .at(-1);
  return [`${formatCount(count)} times`, `since ${since}`, `last ${last}`];
}

/** What a message is about, in one line: `[TEST] Reminder: [CLOSED] HIGH: Brute force on web-1`. */
export function headingOf(message: Message): string {
  const { kind, test } = message;
  return oneLine(
    `${test ? "[TEST] " : ""}${kind === "reminder" ? "Reminder: " : ""}${topicOf(message)}`,
  );
}

function topicOf({ alert, digest }: Message): string {
  if (!digest) return `${statusMark(alert)}${alert.severity.toUpperCase()}: ${alert.title}`;
  const count = `${formatCount(digest.total)} alerts`;
  return `${digest.severity.toUpperCase()}: ${count} · ${reasonInWords(digest)}`;
}

/** The small print: which alert it is, since when, and that nothing has happened when it is a test. */
export function originOf({ alert, digest, test }: Message): string {
  const others = digest ? ` and ${formatCount(digest.total - 1)} more · first` : " ·";
  const origin = `${alert.number}${others} received ${alert.received_at}`;
  return test ? `A test message, nothing has happened · ${origin}` : origin;
}

const MAX_TITLE = 120;
const SEVERITY_WIDTH = "informational".length;

/** An alert in one line of a digest, in columns. */
export function alertLine(alert: Alert): string {
  const severity = alert.severity.padEnd(SEVERITY_WIDTH);
  return `${alert.number} ${severity} ${statusMark(alert)}${clip(oneLine(alert.title), MAX_TITLE)}`;
}
