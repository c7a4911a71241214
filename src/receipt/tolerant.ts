/**
 * The tolerant reader: a JSON parser that goes on where JSON ends, notes what it repaired and
 * fails only where it would have to guess what was meant. It reads every character a bounded
 * number of times.
 *
 * States are the places where a token may stand:
 *
 * - *value*: a container, a string, a scalar. A comma or a closer instead means that the value is
 *   missing (null); anything else up to a comma, closer or line end is an unquoted string.
 *   A string that holds unescaped JSON (`"[{"a":1}]"`) is read as that JSON; if that leads
 *   nowhere, the reader returns to the quote and reads a string. It does so a few times per text
 *   at most.
 * - *member*: a key in quotes, then a colon, then a value.
 * - *between*: commas, as many as there are, or none; then the next element or the closer.
 *
 * The open containers and the cursor are all there is to know. A failure is recorded in the
 * cursor and ends the reading: every reader returns undefined.
 */
import { failAt, peek, skipSpace } from "./cursor.ts";
import type { Closer, Cursor } from "./cursor.ts";
import { fitsAfterValue, keyFollows } from "./follow.ts";
import { setMember } from "./json.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { readString } from "./string.ts";

/**
 * Reads one value at the cursor and leaves the cursor behind it. Undefined when that cannot be
 * done: then `cursor.failure` says why.
 */
export function readValue(cursor: Cursor): JsonValue | undefined {
  switch (peek(cursor)) {
    case "{":
      return readObject(cursor);
    case "[":
      return readArray(cursor);
    case '"':
      return readQuoted(cursor);
    case "\\":
      return readString(cursor, "value");
    default:
      return readBare(cursor);
  }
}

function readObject(cursor: Cursor): JsonObject | undefined {
  if (!enter(cursor, "}")) return undefined;
  const object: JsonObject = {};
  for (let first = true; ; first = false) {
    if (!readSeparator(cursor, first)) return leave(cursor, object);
    const key = readKey(cursor);
    if (key === undefined) return undefined;
    const value = readValue(cursor);
    if (value === undefined) return undefined;
    setMember(object, key, value);
  }
}

function readKey(cursor: Cursor): string | undefined {
  const next = peek(cursor);
  if (next !== '"' && next !== "\\") return failAt(cursor, "expected a key");
  const key = readString(cursor, "key");
  if (key === undefined) return undefined;
  if (peek(cursor) !== ":") return failAt(cursor, "expected a colon");
  cursor.at += 1;
  return key;
}

function readArray(cursor: Cursor): JsonValue[] | undefined {
  if (!enter(cursor, "]")) return undefined;
  const array: JsonValue[] = [];
  for (let first = true; ; first = false) {
    if (!readSeparator(cursor, first)) return leave(cursor, array);
    const value = readValue(cursor);
    if (value === undefined) return undefined;
    array.push(value);
  }
}

function enter(cursor: Cursor, closer: Closer): boolean {
  if (cursor.open.length >= cursor.maxOpen) {
    failAt(cursor, "nested too deep", "too_deep");
    return false;
  }
  cursor.open.push(closer);
  cursor.at += 1;
  return true;
}

function leave<T>(cursor: Cursor, value: T): T {
  cursor.open.pop();
  cursor.at += 1;
  return value;
}

/** Skips the commas between two elements. True when an element follows, false at the closer. */
export function readSeparator(cursor: Cursor, first: boolean): boolean {
  let commas = 0;
  while (peek(cursor) === ",") {
    commas += 1;
    cursor.at += 1;
  }
  const more = cursor.text[cursor.at] !== cursor.open.at(-1);
  const expected = first || !more ? 0 : 1;
  if (commas > expected) cursor.repairs.add("extra_comma");
  if (commas < expected) cursor.repairs.add("missing_comma");
  return more;
}

function readQuoted(cursor: Cursor): JsonValue | undefined {
  const possible = cursor.guesses > 0 && !cursor.open.includes('"');
  if (!possible || !startsQuotedJson(cursor)) return readString(cursor, "value");
  const { at } = cursor;
  const level = cursor.open.length;
  const repairs = [...cursor.repairs];
  const value = readQuotedJson(cursor);
  if (value !== undefined) return value;
  cursor.guesses -= 1;
  cursor.failure = undefined;
  cursor.at = at;
  cursor.open.length = level;
  cursor.repairs.clear();
  for (const repair of repairs) cursor.repairs.add(repair);
  return readString(cursor, "value");
}

/** True at `"{"key":`, `"[{"key":` and `"["a` where that quote closes nothing. */
function startsQuotedJson(cursor: Cursor): boolean {
  const { text } = cursor;
  let at = skipSpace(text, cursor.at + 1);
  const list = text[at] === "[";
  if (list) at = skipSpace(text, at + 1);
  if (text[at] === "{") return keyFollows(text, skipSpace(text, at + 1), "plain");
  return list && text[at] === '"' && !fitsAfterValue(cursor, at + 1);
}

/** One container in quotes, or several, with or without commas between them: then an array. */
function readQuotedJson(cursor: Cursor): JsonValue | undefined {
  if (!enter(cursor, '"')) return undefined;
  const values: JsonValue[] = [];
  for (;;) {
    while (peek(cursor) === ",") cursor.at += 1;
    if (peek(cursor) === '"') break;
    const next = peek(cursor);
    if (next !== "{" && next !== "[") return failAt(cursor, "quoted JSON is not closed");
    const value = readValue(cursor);
    if (value === undefined) return undefined;
    values.push(value);
  }
  cursor.repairs.add("quoted_json");
  const [only] = values;
  return leave(cursor, values.length === 1 && only !== undefined ? only : values);
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A scalar, an unquoted string, or nothing. Outside of objects only a scalar will do. */
function readBare(cursor: Cursor): JsonValue | undefined {
  const word = /[^,}\]"{[\r\n\\]*/y;
  word.lastIndex = cursor.at;
  const text = word.exec(cursor.text)?.[0].trim() ?? "";
  const scalar = readScalar(text);
  if (scalar === undefined && !cursor.open.includes("}")) return failAt(cursor, "expected JSON");
  if (text === "" && cursor.open.at(-1) !== "}") return failAt(cursor, "expected a value");
  cursor.at += text.length;
  if (scalar !== undefined) return scalar;
  cursor.repairs.add(text === "" ? "missing_value" : "unquoted_value");
  return text === "" ? null : text;
}

function readScalar(text: string): JsonValue | undefined {
  if (text === "true") return true;
  if (text === "false") return false;
  if (text === "null") return null;
  return NUMBER.test(text) ? Number(text) : undefined;
}
