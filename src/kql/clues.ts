/** What a record must have for a query to fit, as far as an index can use it. */
import type { Field, Query, Value } from "./ast.ts";
import { SEVERITY_FIELD } from "./scale.ts";
import { fold, isProse } from "./text.ts";
import { equalKeys, type ValueKey } from "./value.ts";

/** A value that a field may have: the whole of it, or how its text begins. */
export interface Clue {
  readonly field: string;
  readonly part: "whole" | "prefix";
  readonly key: ValueKey;
}

/**
 * Sets of clues, one of each of which a record has when the query fits. It is never wrong in that,
 * but says nothing of much: of negations, ranges, nested queries, prose, severities, dates,
 * networks and terms without a field. Empty when there is nothing to say.
 */
export function cluesOf(query: Query): readonly (readonly Clue[])[] {
  switch (query.type) {
    case "and":
      return query.of.flatMap(cluesOf);
    case "or":
      return cluesOfAny(query.of);
    case "match": {
      const clues = cluesOfMatch(query.field, query.value);
      return clues ? [clues] : [];
    }
    case "all":
    case "not":
    case "nested":
    case "exists":
    case "range":
      return [];
  }
}

/** One of the members holds, so one clue of one of them is there: if each of them has any. */
function cluesOfAny(members: readonly Query[]): readonly (readonly Clue[])[] {
  const sets = members.map((member) => shortest(cluesOf(member)));
  const all = sets.flatMap((set) => set ?? []);
  return sets.includes(undefined) ? [] : [all];
}

function shortest(sets: readonly (readonly Clue[])[]): readonly Clue[] | undefined {
  return sets.toSorted((a, b) => a.length - b.length)[0];
}

function cluesOfMatch(field: Field, value: Value): readonly Clue[] | undefined {
  if (field.kind !== "name" || field.name === SEVERITY_FIELD || isProse(field.name)) {
    return undefined;
  }
  if (value.kind === "text") {
    const keys = equalKeys(value.text);
    return keys?.map((key) => ({ field: field.name, part: "whole", key }));
  }
  const prefix = fold(value.parts[0] ?? "");
  return prefix === "" ? undefined : [{ field: field.name, part: "prefix", key: prefix }];
}
