/** The body of a message about several alerts: how many, of what, where; then the first of them. */
import type { Alert } from "../../alert/schema.ts";
import type { Digest, Message, Tally } from "../destination.ts";
import { clip, clipList, formatCount, oneLine } from "../text.ts";
import { seenInWords, statusMark } from "../words.ts";
import * as blocks from "./blocks.ts";
import type { Block } from "./blocks.ts";

const MAX_VALUE = 100;
const MAX_ALERTS = 10;
const MAX_TITLE = 120;
const SEVERITY_WIDTH = "informational".length;

/** All parts have limits of their own that together stay within the sum. */
export function digestBody(message: Message, digest: Digest): Block[] {
  const lines = clipList(digest.alerts, MAX_ALERTS, lineOf, digest.total);
  return [
    { type: "section", fields: factsOf(message, digest) },
    blocks.codeBlock(lines, blocks.LIMITS.section),
    ...blocks.ending(blocks.ownButton(message.link), originOf(message, digest), message.test),
  ];
}

function factsOf(message: Message, digest: Digest) {
  const facts: readonly (readonly [string, readonly string[]])[] = [
    ["Alerts", [formatCount(digest.total)]],
    ["Highest severity", [digest.severity]],
    ["Top rules", digest.rules.map(tallyInWords)],
    ["Top hosts", digest.hosts.map(tallyInWords)],
    ["Seen", seenInWords(message)],
  ];
  return facts.flatMap(([label, values]) =>
    values.length === 0 ? [] : [blocks.field(label, values, MAX_VALUE)],
  );
}

/** The count stands in front, where no long name pushes it out. */
function tallyInWords({ name, count }: Tally): string {
  return `${formatCount(count)} × ${name}`;
}

function lineOf(alert: Alert): string {
  const severity = alert.severity.padEnd(SEVERITY_WIDTH);
  return `${alert.number} ${severity} ${statusMark(alert)}${clip(oneLine(alert.title), MAX_TITLE)}`;
}

function originOf({ alert }: Message, { total }: Digest): string {
  const others = formatCount(total - 1);
  return `${alert.number} and ${others} more · first received ${alert.received_at}`;
}
