/**
 * The body for those who read HTML. Style stands on each element, because many mail programs drop all
 * other; there are no images, no scripts and nothing from elsewhere. All values are escaped.
 */
import { escapeHtml } from "../escape.ts";
import { artifactLines, COLOURS, severityOf, type Fact } from "../facts.ts";
import { clip, clipList, manyLines } from "../text.ts";
import { alertLine, headingOf, originOf } from "../words.ts";
import type { Message } from "../destination.ts";
import { disarmed, factsShown, linksOf, MAX_ALERTS, textsOf, type Link } from "./content.ts";

const FONT = "font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:1.45;color:#1c2430";
const CELL = "padding:2px 12px 2px 0;vertical-align:top;text-align:left;font-weight:normal";
const CODE =
  "font-family:Menlo,Consolas,monospace;font-size:12px;background:#f3f5f7;padding:8px;white-space:pre-wrap;word-break:break-all";

/** HTML of a message; long texts have `room` characters of HTML each. */
export function htmlBody(message: Message, room: number): string {
  const { alert, digest } = message;
  const lines = digest
    ? clipList(digest.alerts, MAX_ALERTS, (each) => disarmed(alertLine(each)), digest.total)
    : artifactLines(alert.artifacts).map(disarmed);
  return page([
    heading(message),
    table(factsShown(message)),
    ...(lines.length === 0 ? [] : [`<pre style="${CODE}">${escapeHtml(lines.join("\n"))}</pre>`]),
    ...textsOf(message).map((text) => paragraph(clip(text, room, escapeHtml))),
    links(linksOf(message)),
    `<p style="color:#6b7a8c;font-size:12px">${escapeHtml(originOf(message))}</p>`,
  ]);
}

/** HTML around plain text, for a template that words the text alone; `room` characters of HTML. */
export function htmlOfText(text: string, room: number): string {
  return page([paragraph(clip(manyLines(text), room, escapeHtml))]);
}

function page(parts: readonly string[]): string {
  const body = parts.filter((part) => part !== "").join("\n");
  return `<!doctype html>\n<html><body style="${FONT}">\n${body}\n</body></html>\n`;
}

function heading(message: Message): string {
  const colour = COLOURS[severityOf(message)];
  const text = escapeHtml(disarmed(clip(headingOf(message), 500)));
  return `<h1 style="font-size:18px;margin:0 0 12px;padding-left:10px;border-left:6px solid ${colour}">${text}</h1>`;
}

function table(facts: readonly Fact[]): string {
  const rows = facts.map(({ label, values }) => {
    const shown = values.map((value) => escapeHtml(value)).join("<br>");
    return `<tr><th style="${CELL};color:#6b7a8c">${escapeHtml(label)}</th><td style="${CELL}">${shown}</td></tr>`;
  });
  return `<table style="${FONT};border-collapse:collapse">\n${rows.join("\n")}\n</table>`;
}

function paragraph(escaped: string): string {
  return `<p style="white-space:pre-wrap">${escaped}</p>`;
}

function links(all: readonly Link[]): string {
  if (all.length === 0) return "";
  const anchors = all.map(
    ({ label, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`,
  );
  return `<p>${anchors.join(" · ")}</p>`;
}
