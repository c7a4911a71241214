/** Cutting HTML that an operator's template made, without leaving a tag open or an escape in half. */
import { escapeHtml } from "./escape.ts";
import { clip } from "./text.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
};

/** The text that HTML shows: without its tags, and with the entities that `escapeHtml` writes read. */
export function shownOf(html: string): string {
  return html
    .replace(/<[^<>]*>/g, "")
    .replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

/**
 * The HTML as it is when it shows at most `max` characters; else the beginning of what it shows, without
 * its markup.
 */
export function cutHtml(html: string, max: number): string {
  const shown = shownOf(html);
  return shown.length <= max ? html : escapeHtml(clip(shown, max));
}
