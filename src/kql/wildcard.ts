/** Wildcards. A `*` stands for any run of characters, also none, also line ends. */

/** Whether a text fits a pattern. */
export type Glob = (text: string) => boolean;

/**
 * Prepares a pattern given as the pieces between its wildcards (two or more). The first piece that
 * fits is the right one for every piece but the last, which is anchored: no backtracking, so no text
 * makes it slow.
 */
export function compileGlob(parts: readonly string[]): Glob {
  const prefix = parts[0] ?? "";
  const suffix = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1);
  return (text) => {
    const end = text.length - suffix.length;
    if (end < prefix.length || !text.startsWith(prefix) || !text.endsWith(suffix)) return false;
    return fitsInOrder(text, middle, prefix.length, end);
  };
}

function fitsInOrder(text: string, parts: readonly string[], start: number, end: number): boolean {
  let from = start;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
    if (from > end) return false;
  }
  return true;
}
