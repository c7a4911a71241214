/** The body for those who read plain text. */
import { artifactLines } from "../facts.ts";
import { clip, clipList, manyLines, oneLine } from "../text.ts";
import { alertLine, headingOf, originOf } from "../words.ts";
import type { Message } from "../destination.ts";
import { disarmed, factsShown, linksOf, MAX_ALERTS, textsOf } from "./content.ts";

/** Plain text in which nothing is clickable but our own links; long texts have `room` characters each. */
export function textBody(message: Message, room: number): string {
  const { alert, digest } = message;
  const facts = factsShown(message).map(({ label, values }) => `${label}: ${values.join(", ")}`);
  const links = linksOf(message).map(({ label, url }) => `${label}: ${url}`);
  const parts = [
    [disarmed(clip(headingOf(message), 500))],
    facts,
    ...(digest
      ? [clipList(digest.alerts, MAX_ALERTS, (each) => disarmed(alertLine(each)), digest.total)]
      : [artifactLines(alert.artifacts).map(disarmed)]),
    ...textsOf(message).map((text) => [clip(text, room)]),
    links,
    [oneLine(originOf(message))],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** What a template made, as plain text of at most `room` characters. */
export function templateText(text: string, room: number): string {
  return clip(manyLines(text), room);
}
