/**
 * From a text to its documents: one value, an array (taken apart), one value per line, or values
 * one after the other, with commas between them or without. Three readings, each linear, the next
 * one only where the one before did not understand everything:
 *
 * 1. *strict*: the text is JSON, or every line of it is;
 * 2. *tolerant*: value after value with repairs, up to the first that cannot be read;
 * 3. *pieces*: what is left is cut where a line starts with `{`, since there a document starts
 *    whatever stands before it; each piece is read tolerantly, and of each piece the part that
 *    cannot be read is rejected.
 */
import { isDeeperThan } from "./json.ts";
import type { JsonValue } from "./json.ts";
import { limitExceeded } from "./limits.ts";
import type { ReadLimits } from "./limits.ts";
import type { RepairName } from "./repairs.ts";
import { readStream } from "./stream.ts";
import type { ReadDocument, Stop } from "./stream.ts";

export type { ReadDocument } from "./stream.ts";

/** A part of a receipt that could not be read. */
export interface RejectedPart {
  readonly reason: "unreadable" | "too_deep";
  readonly detail: string;
  /** The part as it came, in UTF-8. */
  readonly bytes: Uint8Array;
}

/** What a text holds. */
export interface Documents {
  readonly documents: ReadDocument[];
  readonly rejected: RejectedPart[];
  /** All repairs, those around the documents included. */
  readonly repaired: readonly RepairName[];
}

type TextLimits = Pick<ReadLimits, "events" | "depth">;

/**
 * Reads all documents of a text. A string that holds JSON is read again, once.
 *
 * @throws LIMIT_EXCEEDED for more documents than `limits.events`.
 */
export function readDocuments(text: string, limits: TextLimits): Documents {
  const strict = parseStrict(text, limits.depth);
  return strict === undefined ? repairDocuments(text, limits) : takeApart(strict, limits);
}

/** The same for a text that is known not to be JSON, or JSON beyond the depth limit. */
export function repairDocuments(text: string, limits: TextLimits): Documents {
  return readStrings(repairOnce(text, limits), limits);
}

/** The documents of a value that needed no repair: the elements of an array, else the value. */
export function takeApart(value: JsonValue, limits: TextLimits): Documents {
  return readStrings(fromValues([value], limits), limits);
}

function readStrings(found: Documents, limits: TextLimits): Documents {
  if (!found.documents.some(({ value }) => holdsJson(value))) return found;
  const parts = found.documents.map((document) => readInner(document, limits));
  return joinDocuments([...parts, { ...found, documents: [] }], limits);
}

/** The documents of several texts as one. */
export function joinDocuments(parts: readonly Documents[], limits: TextLimits): Documents {
  const documents = parts.flatMap((part) => part.documents);
  const rejected = parts.flatMap((part) => part.rejected);
  checkCount(documents.length + rejected.length, limits);
  return { documents, rejected, repaired: [...new Set(parts.flatMap((part) => part.repaired))] };
}

/** The value of a text that is JSON within the depth limit; undefined for any other text. */
export function parseStrict(text: string, depth: number): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return isDeeperThan(value, depth) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** True for a string whose text looks like a JSON container. */
export function holdsJson(value: JsonValue): value is string {
  return typeof value === "string" && /^\s*[[{]/.test(value);
}

function readInner({ value, repaired }: ReadDocument, limits: TextLimits): Documents {
  if (!holdsJson(value)) return { documents: [{ value, repaired }], rejected: [], repaired };
  const inner = readOnce(value, limits);
  const add = (more: readonly RepairName[]) => [...new Set([...repaired, ...more])];
  const documents = inner.documents.map((document) => ({
    value: document.value,
    repaired: add(document.repaired),
  }));
  return { documents, rejected: inner.rejected, repaired: add(inner.repaired) };
}

function readOnce(text: string, limits: TextLimits): Documents {
  const strict = parseStrict(text, limits.depth);
  return strict === undefined ? repairOnce(text, limits) : fromValues([strict], limits);
}

function repairOnce(text: string, limits: TextLimits): Documents {
  const lines = parseLines(text, limits);
  return lines === undefined ? readTolerantly(text, limits) : fromValues(lines, limits);
}

function fromValues(values: readonly JsonValue[], limits: TextLimits): Documents {
  const items = values.flat();
  checkCount(items.length, limits);
  const documents = items.map((value) => ({ value, repaired: [] }));
  return { documents, rejected: [], repaired: [] };
}

/** One value per line; undefined as soon as a line is none. */
function parseLines(text: string, limits: TextLimits): JsonValue[] | undefined {
  const values: JsonValue[] = [];
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, end).trim();
    start = end + 1;
    if (line === "") continue;
    const value = parseStrict(line, limits.depth);
    if (value === undefined) return undefined;
    values.push(value);
    checkCount(values.length, limits);
  }
  return values;
}

function readTolerantly(text: string, limits: TextLimits): Documents {
  const stream = readStream(text, limits);
  const { documents, stop } = stream;
  const read = { documents, rejected: [], repaired: [...stream.repaired] };
  if (stop === undefined) return read;
  const pieces = cutPieces(text.slice(stop.at));
  if (pieces.length === 1) return { ...read, rejected: [reject(text, stop, 0)] };
  checkCount(pieces.length, limits);
  let from = stop.at;
  const parts = pieces.map((piece) => {
    const part = readPiece(piece, from, limits);
    from += piece.length;
    return part;
  });
  return joinDocuments([read, ...parts], limits);
}

function readPiece(piece: string, from: number, limits: TextLimits): Documents {
  const stream = readStream(piece, limits, true);
  const rejected = stream.stop === undefined ? [] : [reject(piece, stream.stop, from)];
  return { documents: stream.documents, rejected, repaired: [...stream.repaired] };
}

/** Cuts before each line that starts with `{`. */
function cutPieces(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let cut = text.indexOf("\n{"); cut >= 0; cut = text.indexOf("\n{", start)) {
    pieces.push(text.slice(start, cut + 1));
    start = cut + 1;
  }
  pieces.push(text.slice(start));
  return pieces;
}

function reject(text: string, { at, failure }: Stop, from: number): RejectedPart {
  const { reason, detail } = failure;
  const bytes = Buffer.from(text.slice(at));
  return { reason, detail: `at character ${from + failure.at}: ${detail}`, bytes };
}

function checkCount(count: number, limits: TextLimits): void {
  if (count > limits.events) throw limitExceeded("events", limits.events);
}
