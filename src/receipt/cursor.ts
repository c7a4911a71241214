import type { RepairName } from "./repairs.ts";

/** Why a text could not be read on. */
export interface Failure {
  readonly reason: "unreadable" | "too_deep";
  /** Where, in characters from the start of the text. */
  readonly at: number;
  readonly detail: string;
}

/** What closes an open container: a brace, a bracket, or the quote around quoted JSON. */
export type Closer = "}" | "]" | '"';

/** A place in a text that is being read tolerantly, with what is known there. */
export interface Cursor {
  readonly text: string;
  at: number;
  /** Closers of the containers open here, outermost first. */
  readonly open: Closer[];
  /** How many may be open at once. */
  maxOpen: number;
  /** Repairs made so far. */
  readonly repairs: Set<RepairName>;
  /** How often guessing quoted JSON may still go wrong; bounds the work that is done again. */
  guesses: number;
  failure: Failure | undefined;
}

/** A cursor at the start of a text. */
export function openCursor(text: string, depth: number): Cursor {
  return {
    text,
    at: 0,
    open: [],
    maxOpen: depth,
    repairs: new Set(),
    guesses: 4,
    failure: undefined,
  };
}

/** Records why the text cannot be read on; undefined, so that a reader can return it. */
export function failAt(
  cursor: Cursor,
  detail: string,
  reason: Failure["reason"] = "unreadable",
): undefined {
  cursor.failure ??= { reason, at: cursor.at, detail };
  return undefined;
}

/** The index of the first character from `at` on that is no white space. */
export function skipSpace(text: string, at: number): number {
  let index = at;
  for (;;) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return index;
    index += 1;
  }
}

/** Skips white space and gives the character behind it; undefined at the end of the text. */
export function peek(cursor: Cursor): string | undefined {
  cursor.at = skipSpace(cursor.text, cursor.at);
  return cursor.text[cursor.at];
}
