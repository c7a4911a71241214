/** Texts compared without regard to case, and texts as words. */

const DOTTED_I = "\u0130";
const NOT_WORD = /[^\p{L}\p{N}\p{M}_]+/gu;

/** Fields that hold prose. The last part of a name decides, so `rule.description` is one too. */
const PROSE_FIELDS: ReadonlySet<string> = new Set([
  "title",
  "description",
  "reason",
  "message",
  "note",
]);

/** Whether a field holds prose, to be matched by its words, rather than one keyword. */
export function isProse(field: string): boolean {
  return PROSE_FIELDS.has(field.slice(field.lastIndexOf(".") + 1));
}

/** Lower case. Never changes the length, so that lengths can be compared before anything else. */
export function fold(text: string): string {
  // The one letter whose lower case is longer than itself.
  return (text.includes(DOTTED_I) ? text.replaceAll(DOTTED_I, "i") : text).toLowerCase();
}

/** The words (letters, digits, underscores) of a folded text, each with a space on both sides. */
export function spacedWords(folded: string): string {
  const words = folded.replace(NOT_WORD, " ").trim();
  return words === "" ? "" : ` ${words} `;
}

/** The words of a folded text. */
export function wordsOf(folded: string): readonly string[] {
  return folded.split(NOT_WORD).filter((word) => word !== "");
}
