/**
 * Does a quote close a string? In a text with unescaped quotes only what follows can tell: a
 * quote closes a string if the text can go on behind it, seen from the containers that are open.
 * `"name":"Sysmon - "Binary" run"}`: behind the quote before `Binary` no member can start.
 *
 * Each look ahead ends at the second quote at the latest, so that all of them together stay
 * linear in the length of the text.
 */
import { skipSpace } from "./cursor.ts";
import type { Closer, Cursor } from "./cursor.ts";

/** Whether keys may be written `\"key\"`; not where backslashes are known to be literal. */
type KeyQuotes = "any" | "plain";

/** True when a member's key ended before `from`: a colon follows. */
export function fitsAfterKey(cursor: Cursor, from: number): boolean {
  return cursor.text[skipSpace(cursor.text, from)] === ":";
}

/** True when a value may have ended before `from`: closers, a comma or the next member follow. */
export function fitsAfterValue(cursor: Cursor, from: number, quotes: KeyQuotes = "any"): boolean {
  const { text, open } = cursor;
  let level = open.length;
  let end = from;
  let at = skipSpace(text, from);
  while (level > 0 && text[at] === open[level - 1]) {
    level -= 1;
    end = at + 1;
    at = skipSpace(text, end);
  }
  const closer = open[level - 1];
  if (closer === undefined) return fitsBetweenDocuments(text, end, at);
  if (text[at] === ",") return fitsAfterComma(text, at, closer, quotes);
  if (closer === "}") return keyFollows(text, at, quotes);
  return level < open.length && text[at] === "{";
}

/** Behind a document: the end, a line break, or the start of the next one. */
function fitsBetweenDocuments(text: string, end: number, at: number): boolean {
  const next = text[at];
  if (next === undefined || next === "{" || next === "[" || next === ",") return true;
  return next === "\u001e" || text.slice(end, at).includes("\n");
}

function fitsAfterComma(text: string, comma: number, closer: Closer, quotes: KeyQuotes): boolean {
  let at = comma;
  while (text[at] === ",") at = skipSpace(text, at + 1);
  const next = text[at];
  if (next === undefined) return false;
  if (closer === "}") return next === "}" || keyFollows(text, at, quotes);
  if (closer === "]") return '"{[]-0123456789tfn\\'.includes(next);
  return next === "{" || next === "[";
}

/** True when a quoted key and its colon start at `at`. */
export function keyFollows(text: string, at: number, quotes: KeyQuotes): boolean {
  const escaped = text[at] === "\\";
  if (escaped && quotes === "plain") return false;
  const start = escaped ? at + 1 : at;
  if (text[start] !== '"') return false;
  let end = text.indexOf('"', start + 1);
  while (!escaped && end > 0 && countBackslashes(text, end, start) % 2 === 1) {
    end = text.indexOf('"', end + 1);
  }
  return end > 0 && text[skipSpace(text, end + 1)] === ":";
}

/** How many backslashes stand directly before `at`, not looking before `start`. */
export function countBackslashes(text: string, at: number, start: number): number {
  let index = at - 1;
  while (index >= start && text[index] === "\\") index -= 1;
  return at - 1 - index;
}
