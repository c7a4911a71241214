/**
 * What a KQL text means, as plain data. It knows nothing of how a query is run: the predicate in
 * `compile.ts` is one reading of it, an Elasticsearch query or SQL would be another.
 *
 * The tree is canonical: `and` and `or` have two or more members, a wildcard stands between two
 * parts, adjacent wildcards are one, and a value that is only a wildcard is `exists` (or `all`).
 */

/** A text with wildcards: the literal pieces between them, so `web-*` is `["web-", ""]`. */
export interface Pattern {
  readonly kind: "pattern";
  /** Two or more; the wildcard stands between neighbours. */
  readonly parts: readonly string[];
}

/** The field a condition is about; `any` is what a term without a field, or `*`, asks. */
export type Field =
  | { readonly kind: "name"; readonly name: string }
  | Pattern
  | { readonly kind: "any" };

/** The value of a condition, in the case it was written in. `quoted` makes it one phrase. */
export type Value =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | Pattern;

export type RangeOperator = "<" | "<=" | ">" | ">=";

/** A query; field names inside `nested` are relative to its path. */
export type Query =
  | { readonly type: "all" }
  | { readonly type: "and"; readonly of: readonly Query[] }
  | { readonly type: "or"; readonly of: readonly Query[] }
  | { readonly type: "not"; readonly of: Query }
  | { readonly type: "nested"; readonly path: string; readonly of: Query }
  | { readonly type: "exists"; readonly field: Field }
  | { readonly type: "match"; readonly field: Field; readonly value: Value }
  | {
      readonly type: "range";
      readonly field: Field;
      readonly operator: RangeOperator;
      readonly bound: string;
    };

/**
 * The fields a query refers to, each once, so that a caller knows what to load. Fields of a nested
 * query carry its path (`artifacts.type`); a wildcard stays one (`host.*`); a term without a field
 * is `*`. Empty for a query that matches everything.
 */
export function fieldsOf(query: Query): readonly string[] {
  const found = new Set<string>();
  collectFields(query, "", found);
  return [...found];
}

function collectFields(query: Query, prefix: string, found: Set<string>): void {
  switch (query.type) {
    case "all":
      return;
    case "and":
    case "or":
      for (const member of query.of) collectFields(member, prefix, found);
      return;
    case "not":
      return collectFields(query.of, prefix, found);
    case "nested":
      return collectNested(query.of, `${prefix}${query.path}`, found);
    case "exists":
    case "match":
    case "range":
      found.add(prefix + nameOf(query.field));
  }
}

function collectNested(query: Query, path: string, found: Set<string>): void {
  const inside = new Set<string>();
  collectFields(query, `${path}.`, inside);
  // `artifacts:{ * }` names no field, yet needs the elements.
  if (inside.size === 0) inside.add(`${path}.*`);
  for (const field of inside) found.add(field);
}

function nameOf(field: Field): string {
  if (field.kind === "any") return "*";
  return field.kind === "name" ? field.name : field.parts.join("*");
}
