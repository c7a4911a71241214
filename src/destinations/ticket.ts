/** What tickets say: all of an alert once, and then what is new. All of it may hold hostile text. */
import { contentOf } from "./content.ts";
import type { Message } from "./destination.ts";
import { factsOf } from "./facts.ts";
import { headingOf, originOf } from "./words.ts";

/** The facts, one in each line. */
function factLines(message: Message): string[] {
  return factsOf(message).map(({ label, values }) => `${label}: ${values.join(", ")}`);
}

/** All that there is to say of a message below its heading, as plain text of any length. */
export function ticketText(message: Message): string {
  const { passages, links, origin } = contentOf(message);
  return [
    factLines(message).join("\n"),
    ...passages.map(({ text }) => text),
    ...links.map(({ label, url }) => `${label}: ${url}`),
    origin,
  ].join("\n\n");
}

const NEWS = new Set(["Severity", "Seen", "Case", "Alerts", "Highest severity"]);

/** What a later message adds, in a few lines: status, count, severity, case. */
export function noteLines(message: Message): string[] {
  const { alert, digest } = message;
  const news = factsOf(message).filter(({ label }) => NEWS.has(label));
  const verdict = alert.verdict === null ? "" : ` (${alert.verdict.replaceAll("_", " ")})`;
  return [
    headingOf(message),
    ...(digest ? [] : [`Status: ${alert.status}${verdict}`]),
    ...news.map(({ label, values }) => `${label}: ${values.join(", ")}`),
    originOf(message),
  ];
}
