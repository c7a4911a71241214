/** Small readings of JSON values that vendors' sources share. */
import { createHash } from "node:crypto";
import { clip, toLine } from "../alert/text.ts";
import type { JsonObject, JsonValue, RejectedItem, RejectReason } from "./source.ts";

/** Longest text of a key that stands in it as it is; a longer one is replaced by its hash. */
const MAX_KEY_PART = 200;

/** Whether a value is a JSON object (not an array, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The scalars in a value as trimmed text: arrays fan out at any depth, blanks, nulls and objects
 * are left out. U+0000 is removed, for it ends a text in SQLite.
 */
export function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === "number" || typeof value === "boolean") return [String(value)];
  if (typeof value !== "string") return [];
  const text = value.replaceAll("\0", "").trim();
  return text === "" ? [] : [text];
}

/** The first text in a value; null when there is none. */
export function textOf(value: unknown): string | null {
  return textsOf(value)[0] ?? null;
}

/** The text of a value when it is an http or https address; null for anything else. */
export function linkOf(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && /^https?:\/\//i.test(text) && URL.canParse(text) ? text : null;
}

/** A text as a flag quotes it: in quotation marks, and short. */
export function quote(text: string): string {
  return `"${clip(toLine(clip(text, 400)), 80)}"`;
}

/** Each text once, in order of appearance. */
export function unique(texts: Iterable<string>): string[] {
  return [...new Set(texts)];
}

/** An identifier fit to stand in a key: one line, bounded, different for different texts. */
export function keyPart(text: string): string {
  const line = toLine(text);
  return line === text && text.length <= MAX_KEY_PART ? text : hashOf(text);
}

/** SHA-256 of a text in hex. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** An item that could not become an event, with its JSON as the bytes. */
export function rejectItem(reason: RejectReason, detail: string, item: JsonValue): RejectedItem {
  return { reason, detail, bytes: Buffer.from(JSON.stringify(item)) };
}
