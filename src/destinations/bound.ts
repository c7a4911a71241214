/** JSON as peers take it: well-formed, and small enough where they count its bytes. */
import { clip } from "./text.ts";

/** What JSON can say; members that are undefined are not there. */
export type Json =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Json[]
  | { readonly [name: string]: Json };

/** From what hardly ever matters to what always fits: characters of a text, entries of a list. */
const STEPS = [
  [100_000, 2000],
  [32_000, 1000],
  [8000, 500],
  [2000, 200],
  [500, 100],
  [200, 50],
  [100, 20],
] as const;

/**
 * The value as JSON of at most `max` bytes, as far as cutting its texts and lists can do that. Short
 * values such as times, numbers and addresses stay whole, and so does the beginning of everything.
 */
export function boundJson(value: object, max: number): string {
  const whole = writeJson(value);
  if (Buffer.byteLength(whole) <= max) return whole;
  let text = whole;
  for (const [length, count] of STEPS) {
    text = writeJson(cut(value, length, count));
    if (Buffer.byteLength(text) <= max) break;
  }
  return text;
}

/**
 * A value as JSON. Unpaired halves of characters become `�`: many parsers and databases refuse all of a
 * message for one.
 */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    typeof each === "string" ? each.replace(UNPAIRED, "\ufffd") : each,
  );
}

const UNPAIRED = /\p{Surrogate}/gu;

function cut(value: unknown, length: number, count: number): unknown {
  if (typeof value === "string") return clip(value, length);
  if (Array.isArray(value)) return value.slice(0, count).map((each) => cut(each, length, count));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, cut(each, length, count)]),
  );
}
