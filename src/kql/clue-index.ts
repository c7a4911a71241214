/**
 * Finds, among many queries, those that a record may fit, without asking each: every query stands
 * under the clues that its records must have, and only the record's own values are looked up.
 */
import type { Query } from "./ast.ts";
import { cluesOf, type Clue } from "./clues.ts";
import type { KqlRecord } from "./record.ts";
import { keyOfValue, textOfValue, type ValueKey } from "./value.ts";

/** Places of queries, by what they ask of one field. */
interface FieldClues {
  readonly whole: Map<ValueKey, number[]>;
  /** By the length of the prefix first, so that a value is cut once for each. */
  readonly prefixes: Map<number, Map<ValueKey, number[]>>;
}

export class ClueIndex {
  readonly #fields = new Map<string, FieldClues>();
  /** Queries that give no clue: every record may fit them. */
  readonly #others: number[] = [];

  constructor(queries: readonly Query[]) {
    const choices = queries.map(cluesOf);
    const uses = countUses(choices.flat(2));
    for (const [place, sets] of choices.entries()) {
      const rarest = leastUsed(sets, uses);
      if (!rarest) this.#others.push(place);
      for (const clue of rarest ?? []) this.#add(clue, place);
    }
  }

  /** Places of the queries that the record may fit, in ascending order; no other fits. */
  candidates(record: KqlRecord): readonly number[] {
    const found = new Set<number>();
    for (const [field, clues] of this.#fields) {
      for (const value of record.values(field)) collect(value, clues, found);
    }
    if (found.size === 0) return this.#others;
    return [...found, ...this.#others].toSorted((a, b) => a - b);
  }

  #add({ field, part, key }: Clue, place: number): void {
    const clues = remember(this.#fields, field, emptyClues);
    const places =
      part === "whole"
        ? clues.whole
        : remember(clues.prefixes, String(key).length, () => new Map<ValueKey, number[]>());
    remember(places, key, (): number[] => []).push(place);
  }
}

function emptyClues(): FieldClues {
  return { whole: new Map(), prefixes: new Map() };
}

function collect(value: unknown, { whole, prefixes }: FieldClues, found: Set<number>): void {
  const key = keyOfValue(value);
  if (key !== undefined) addAll(whole.get(key), found);
  if (prefixes.size === 0) return;
  const text = textOfValue(value);
  if (text === undefined) return;
  for (const [length, places] of prefixes) addAll(places.get(text.slice(0, length)), found);
}

function addAll(places: readonly number[] | undefined, found: Set<number>): void {
  for (const place of places ?? []) found.add(place);
}

/** Most queries may share a clue (`source.kind: elastic`); one that few share narrows more. */
function leastUsed(
  sets: readonly (readonly Clue[])[],
  uses: ReadonlyMap<string, number>,
): readonly Clue[] | undefined {
  const load = (set: readonly Clue[]) =>
    set.reduce((sum, clue) => sum + (uses.get(nameOf(clue)) ?? 0), 0);
  return sets
    .map((set) => ({ set, load: load(set) }))
    .toSorted((a, b) => a.load - b.load)
    .map(({ set }) => set)[0];
}

function countUses(clues: readonly Clue[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const clue of clues) uses.set(nameOf(clue), (uses.get(nameOf(clue)) ?? 0) + 1);
  return uses;
}

function nameOf({ field, part, key }: Clue): string {
  return JSON.stringify([field, part, key]);
}

function remember<Key, T>(known: Map<Key, T>, key: Key, make: () => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}
