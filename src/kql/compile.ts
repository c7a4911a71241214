/** `Query` to a predicate over records. All preparation happens here, once; the predicate only asks. */
import type { Field, Query } from "./ast.ts";
import { parseKql } from "./parser.ts";
import type { KqlRecord } from "./record.ts";
import { SEVERITY_FIELD } from "./scale.ts";
import { isProse } from "./text.ts";
import {
  testKeyword,
  testProse,
  testRange,
  testSeverity,
  testSeverityRange,
  type ValueTest,
} from "./value.ts";
import { compileGlob, type Glob } from "./wildcard.ts";

/** Whether a record fits. `now`, in epoch milliseconds, is what date math counts from. Never throws. */
export type KqlPredicate = (record: KqlRecord, now: number) => boolean;

/** Reads and compiles a KQL text. Throws `KQL_INVALID` as `parseKql` does. */
export function kqlPredicate(text: string): KqlPredicate {
  return compileKql(parseKql(text));
}

/** Makes the predicate of a query. */
export function compileKql(query: Query): KqlPredicate {
  return compileAt(query, true);
}

/** `top` is false inside a nested query, where `severity` is no longer the alert's. */
function compileAt(query: Query, top: boolean): KqlPredicate {
  switch (query.type) {
    case "all":
      return () => true;
    case "and":
      return every(query.of.map((member) => compileAt(member, top)));
    case "or":
      return some(query.of.map((member) => compileAt(member, top)));
    case "not":
      return negate(compileAt(query.of, top));
    case "nested":
      return someElement(query.path, compileAt(query.of, false));
    case "exists":
      return compileExists(query.field);
    case "match":
    case "range":
      return compileCondition(query, top);
  }
}

type Condition = Extract<Query, { type: "match" | "range" }>;

function compileCondition(query: Condition, top: boolean): KqlPredicate {
  const testOf = query.type === "match" ? matchTests(query.value) : rangeTests(query);
  const { field } = query;
  if (field.kind === "name") return someValue(field.name, testOf(field.name, top));
  // On the scale `3` is a severity; looked for in all fields it is just a three.
  return someField(fitsName(field), (name) => testOf(name, false));
}

type TestOf = (field: string, top: boolean) => ValueTest;

/** The three readings of a value, made at once; the field's name picks one. */
function matchTests(value: Extract<Query, { type: "match" }>["value"]): TestOf {
  const keyword = testKeyword(value);
  const prose = testProse(value);
  const severity = testSeverity(value);
  return (field, top) => {
    if (top && field === SEVERITY_FIELD) return severity;
    return isProse(field) ? prose : keyword;
  };
}

function rangeTests(query: Extract<Query, { type: "range" }>): TestOf {
  const plain = testRange(query.operator, query.bound);
  const severity = testSeverityRange(query.operator, query.bound);
  return (field, top) => (top && field === SEVERITY_FIELD ? severity : plain);
}

function compileExists(field: Field): KqlPredicate {
  if (field.kind === "name") return (record) => exists(record, field.name);
  const fits = fitsName(field);
  return (record) => record.fields().some((name) => fits(name) && exists(record, name));
}

/** A field exists when it has a value itself or below it, as in Elasticsearch. */
function exists(record: KqlRecord, field: string): boolean {
  if (record.values(field).some((value) => value !== null && value !== undefined)) return true;
  return record.elements(field).some((element) => element.fields().length > 0);
}

function fitsName(field: Exclude<Field, { kind: "name" }>): Glob {
  return field.kind === "any" ? () => true : compileGlob(field.parts);
}

function someValue(field: string, test: ValueTest): KqlPredicate {
  return (record, now) => anyValue(record.values(field), test, now);
}

function someField(fits: Glob, testOf: (field: string) => ValueTest): KqlPredicate {
  return (record, now) => {
    for (const field of record.fields()) {
      if (fits(field) && anyValue(record.values(field), testOf(field), now)) return true;
    }
    return false;
  };
}

function anyValue(values: readonly unknown[], test: ValueTest, now: number): boolean {
  for (const value of values) if (test(value, now)) return true;
  return false;
}

function someElement(path: string, fits: KqlPredicate): KqlPredicate {
  return (record, now) => {
    for (const element of record.elements(path)) if (fits(element, now)) return true;
    return false;
  };
}

function every(members: readonly KqlPredicate[]): KqlPredicate {
  return (record, now) => {
    for (const member of members) if (!member(record, now)) return false;
    return true;
  };
}

function some(members: readonly KqlPredicate[]): KqlPredicate {
  return (record, now) => {
    for (const member of members) if (member(record, now)) return true;
    return false;
  };
}

function negate(member: KqlPredicate): KqlPredicate {
  return (record, now) => !member(record, now);
}
