/**
 * Reading strings tolerantly. Three ways of writing one:
 *
 * - *plain*, `"…"`: ends at a quote behind which the text can go on (`follow.ts`). Other quotes
 *   inside are content.
 * - *escaped*, `\"…\"`: a piece of JSON that was escaped as if it stood in a string, but does not.
 *   Its quotes carry one backslash; what is escaped inside it carries more.
 * - *block*, `"""…"""`: ends at the next three quotes.
 *
 * A string never runs into a line that starts with `{"`: there the next document starts.
 */
import { failAt } from "./cursor.ts";
import type { Cursor } from "./cursor.ts";
import { countBackslashes, fitsAfterKey, fitsAfterValue } from "./follow.ts";
import type { RepairName } from "./repairs.ts";

/** What a string is: it decides what may follow it. */
type StringRole = "key" | "value";

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNUSUAL = /[\u0000-\u001f"\\]/;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f]/;
const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g;

/** Reads the string that starts at the cursor in any of the three ways; undefined if it has no end. */
export function readString(cursor: Cursor, role: StringRole): string | undefined {
  if (cursor.text[cursor.at] === "\\") return readEscaped(cursor, role);
  return cursor.text.startsWith('"""', cursor.at) ? readBlock(cursor) : readPlain(cursor, role);
}

function readPlain(cursor: Cursor, role: StringRole): string | undefined {
  const { text } = cursor;
  const start = cursor.at + 1;
  const literal = trackLiteralBackslashes(text, start);
  for (let end = start - 1; ;) {
    end = text.indexOf('"', end + 1);
    if (end < 0 || startsDocument(text, end)) return failAt(cursor, "a string is not closed");
    const escaped = countBackslashes(text, end, start) % 2 === 1;
    if (escaped && !literal(end)) continue;
    if (!fits(cursor, role, end + 1, escaped)) continue;
    cursor.at = end + 1;
    return decodeString(text.slice(start, end), cursor.repairs);
  }
}

/** A quote behind a backslash closes only where backslashes are literal: `"C:\Windows\"`. */
function fits(cursor: Cursor, role: StringRole, from: number, escaped: boolean): boolean {
  if (role === "key") return fitsAfterKey(cursor, from);
  return fitsAfterValue(cursor, from, escaped ? "plain" : "any");
}

/**
 * Tells for each escaped quote, in ascending order, whether a backslash before it escaped nothing.
 * Looks at every character once.
 */
function trackLiteralBackslashes(text: string, start: number): (quote: number) => boolean {
  let seen = start;
  let literal = false;
  return (quote) => {
    literal ||= hasInvalidEscape(text.slice(seen, quote - 1));
    seen = quote + 1;
    return literal;
  };
}

function startsDocument(text: string, quote: number): boolean {
  return text[quote - 1] === "{" && text[quote - 2] === "\n";
}

function readEscaped(cursor: Cursor, role: StringRole): string | undefined {
  const { text } = cursor;
  const start = cursor.at + 2;
  if (text[start - 1] !== '"') return failAt(cursor, "a backslash outside a string");
  for (let quote = start - 1; ;) {
    quote = text.indexOf('"', quote + 1);
    if (quote < 0 || startsDocument(text, quote)) return failAt(cursor, "a string is not closed");
    // One backslash escapes the quote, each pair of pairs is an escaped backslash before it.
    if (countBackslashes(text, quote, start) % 4 !== 1) continue;
    if (!fits(cursor, role, quote + 1, false)) continue;
    cursor.at = quote + 1;
    cursor.repairs.add("escaped_quotes");
    return decodeTwice(text.slice(start, quote - 1), cursor.repairs);
  }
}

function readBlock(cursor: Cursor): string | undefined {
  const { text } = cursor;
  const start = cursor.at + 3;
  let end = text.indexOf('"""', start);
  if (end < 0) return failAt(cursor, "a triple-quoted string is not closed");
  while (text[end + 3] === '"') end += 1;
  cursor.at = end + 3;
  cursor.repairs.add("triple_quotes");
  const content = text.slice(start, end);
  if (!hasInvalidEscape(content)) return decodeEscapes(content);
  cursor.repairs.add("invalid_escape");
  return content;
}

/** The value of what stands between the quotes, noting what had to be repaired. */
function decodeString(raw: string, repairs: Set<RepairName>): string {
  if (!UNUSUAL.test(raw)) return raw;
  if (CONTROL.test(raw)) repairs.add("control_character");
  const literal = hasInvalidEscape(raw);
  if (raw.replace(ESCAPE, "").includes('"')) repairs.add("unescaped_quote");
  if (!literal) return decodeEscapes(raw);
  repairs.add("invalid_escape");
  // Who writes C:\new\x without escaping escaped no other backslash either, only quotes.
  return raw.replaceAll('\\"', '"');
}

/** Takes off the escaping of the text around first, then that of the string itself. */
function decodeTwice(raw: string, repairs: Set<RepairName>): string {
  const once = hasInvalidEscape(raw) ? raw.replaceAll('\\"', '"') : decodeEscapes(raw);
  return decodeString(once, repairs);
}

function hasInvalidEscape(raw: string): boolean {
  return raw.includes("\\") && raw.replace(ESCAPE, "").includes("\\");
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function decodeEscapes(raw: string): string {
  return raw.replace(ESCAPE, (escape) => {
    const letter = escape[1] ?? "";
    if (letter === "u") return String.fromCharCode(Number.parseInt(escape.slice(2), 16));
    return SHORT_ESCAPES[letter] ?? letter;
  });
}
