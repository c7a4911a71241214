import { openCursor, peek, skipSpace } from "./cursor.ts";
import type { Cursor, Failure } from "./cursor.ts";
import type { JsonValue } from "./json.ts";
import { limitExceeded } from "./limits.ts";
import type { ReadLimits } from "./limits.ts";
import type { RepairName } from "./repairs.ts";
import { readSeparator, readValue } from "./tolerant.ts";

/** One value of a receipt and what was repaired to read it. */
export interface ReadDocument {
  readonly value: JsonValue;
  readonly repaired: readonly RepairName[];
}

/** Where a stream could not be read on: the start of the document in question, and why. */
export interface Stop {
  readonly at: number;
  readonly failure: Failure;
}

/** The documents that stand one after the other in a text, up to the first unreadable one. */
export interface DocumentStream {
  readonly documents: ReadDocument[];
  /** All repairs, those around the documents included. */
  readonly repaired: Set<RepairName>;
  stop?: Stop;
}

/**
 * Reads document after document tolerantly: separated by white space, commas, record separators
 * (RFC 7464) or nothing; arrays at the top are taken apart. `fragment` says that the text was cut
 * out of a longer one, so that a closing bracket may stand alone.
 *
 * @throws LIMIT_EXCEEDED for more documents than `limits.events`.
 */
export function readStream(
  text: string,
  limits: Pick<ReadLimits, "events" | "depth">,
  fragment = false,
): DocumentStream {
  const cursor = openCursor(text, limits.depth);
  const stream: DocumentStream = { documents: [], repaired: new Set() };
  for (;;) {
    skipBetween(cursor, fragment);
    if (cursor.at >= text.length) return stream;
    const read = text[cursor.at] === "[" ? readElements : readDocument;
    if (!read(cursor, stream)) return stream;
    if (stream.documents.length > limits.events) throw limitExceeded("events", limits.events);
  }
}

function skipBetween(cursor: Cursor, fragment: boolean): void {
  const separators = fragment ? ",\u001e]" : ",\u001e";
  for (;;) {
    cursor.at = skipSpace(cursor.text, cursor.at);
    if (cursor.at >= cursor.text.length) return;
    if (!separators.includes(cursor.text.charAt(cursor.at))) return;
    cursor.at += 1;
  }
}

function readElements(cursor: Cursor, stream: DocumentStream): boolean {
  cursor.at += 1;
  cursor.open.push("]");
  cursor.maxOpen += 1;
  for (let first = true; ; first = false) {
    if (peek(cursor) !== undefined && !readSeparator(cursor, first)) break;
    if (peek(cursor) === undefined) {
      cursor.repairs.add("unclosed_array");
      break;
    }
    if (!readDocument(cursor, stream)) return false;
  }
  cursor.at += 1;
  cursor.maxOpen -= 1;
  cursor.open.pop();
  moveRepairs(cursor, stream);
  return true;
}

function readDocument(cursor: Cursor, stream: DocumentStream): boolean {
  moveRepairs(cursor, stream);
  const { at } = cursor;
  const value = readValue(cursor);
  if (value === undefined) {
    const failure = cursor.failure ?? { reason: "unreadable", at, detail: "not readable" };
    stream.stop = { at, failure };
    return false;
  }
  stream.documents.push({ value, repaired: [...cursor.repairs] });
  moveRepairs(cursor, stream);
  return true;
}

function moveRepairs(cursor: Cursor, stream: DocumentStream): void {
  for (const repair of cursor.repairs) stream.repaired.add(repair);
  cursor.repairs.clear();
}
