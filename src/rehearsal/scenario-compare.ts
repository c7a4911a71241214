/** What is wanted against what would be sent. */
import { writeDuration } from "../config/values.ts";
import type { SentMessage } from "./message.ts";
import type { Scenario, WantedMessage } from "./scenario-schema.ts";

/** One line that does not fit: a message that is missing, or one that nobody wanted. */
export interface Difference {
  readonly kind: "missing" | "unexpected";
  /** `30s to soc-slack: Failed login (11 alerts)` */
  readonly text: string;
}

/** Pairs every wanted message with one that was sent; what stays alone on either side is told. */
export function compareMessages(
  { start, want }: Scenario,
  sent: readonly SentMessage[],
): Difference[] {
  const begin = Date.parse(start);
  const left = [...sent];
  const missing = want.filter((wanted) => {
    const found = left.findIndex((message) => fits(wanted, message, begin));
    if (found >= 0) left.splice(found, 1);
    return found < 0;
  });
  return [
    ...missing.map((wanted): Difference => ({ kind: "missing", text: wantedText(wanted) })),
    ...left.map((message): Difference => ({ kind: "unexpected", text: sentText(message, begin) })),
  ];
}

function fits(wanted: WantedMessage, message: SentMessage, start: number): boolean {
  const [first] = message.alerts;
  return (
    first !== undefined &&
    message.at === start + wanted.at &&
    message.destination === wanted.to &&
    message.kind === wanted.kind &&
    message.alerts.length === wanted.alerts &&
    (wanted.title === undefined || wanted.title === first.title) &&
    (wanted.severity === undefined || wanted.severity === first.severity) &&
    (wanted.count === undefined || wanted.count === first.count)
  );
}

function wantedText({ at, to, title, kind, alerts, severity, count }: WantedMessage): string {
  const details = { alerts, severity, count };
  return describe(at, to, kind, title ?? "any title", details);
}

function sentText({ at, destination, kind, alerts }: SentMessage, start: number): string {
  const [first] = alerts;
  const details = { alerts: alerts.length, severity: first?.severity, count: first?.count };
  return describe(at - start, destination, kind, first?.title ?? "", details);
}

function describe(
  at: number,
  to: string,
  kind: string,
  title: string,
  details: { alerts: number; severity: string | undefined; count: number | undefined },
): string {
  const { alerts, severity, count } = details;
  const facts = [
    ...(alerts > 1 ? [`${alerts} alerts`] : []),
    ...(severity === undefined ? [] : [severity]),
    ...(count === undefined || count === 1 ? [] : [`seen ${count} times`]),
  ];
  const what = kind === "alert" ? title : `${kind} of ${title}`;
  return `${writeDuration(at)} to ${to}: ${what}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
}
