/** Text from outside, made fit for a single line. */

/** Control characters, line separators and the marks that reorder text on screen. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

const MAX_TITLE = 500;

/** At most `max` UTF-16 units; what is cut ends in `…`. Never splits a surrogate pair. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = max - 1;
  const last = text.charCodeAt(end - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, splits ? end - 1 : end)}…`;
}

/** One printable line: control characters become blanks, blanks are collapsed, ends trimmed. */
export function toLine(text: string): string {
  return text
    .replace(UNPRINTABLE, " ")
    .replace(/\s{2,}/g, " ")
    .trim();
}

/** A title of at most 500 characters on one line; `""` when nothing printable is left. */
export function toTitle(text: string): string {
  return clip(toLine(clip(text, 4 * MAX_TITLE)), MAX_TITLE);
}
