/** "Did you mean …?" */

/**
 * The candidate that `text` is most likely a misspelling of, or undefined when none is close: at
 * most one edit for every three characters, and two at least for words of four and more.
 */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(text.length < 4 ? 1 : 2, Math.floor(text.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** A hint naming the nearest candidate, or else all of them. */
export function suggest(text: string, candidates: readonly string[], noun: string): string {
  const near = nearest(text, candidates);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return candidates.length === 0 ? `there are no ${noun}` : `${noun}: ${candidates.join(", ")}`;
}

/** Levenshtein's distance; a swap of two neighbours counts as one edit. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = cell(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let edits = Math.min(cell(last, column) + 1, cell(current, column - 1) + 1, substitution);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped)
        edits = Math.min(edits, cell(beforeLast, column - 2) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return cell(last, b.length);
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Number.MAX_SAFE_INTEGER;
}
