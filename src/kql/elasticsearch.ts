/**
 * `Query` to a query of Elasticsearch and OpenSearch. It means what Kibana's KQL means there: fields
 * have the names of the documents, and their mapping decides what a value matches.
 *
 * Kibana knows the mapping and we do not, so a wildcard with a space asks both ways: one keyword that
 * fits as a whole, or a text that has all of the words (Kibana: any of them).
 */
import { SEVERITIES, type Severity } from "../alert/severity.ts";
import { fail } from "../errors.ts";
import type { Field, Query, RangeOperator, Value } from "./ast.ts";
import { parseKql } from "./parser.ts";
import { isSeverity, readSeverity, SEVERITY_FIELD } from "./scale.ts";

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** A clause of the query DSL, as it stands in the body of a search. */
export type ElasticsearchQuery = { [clause: string]: Json };

type Range = Extract<Query, { type: "range" }>;

const RANGES: Readonly<Record<RangeOperator, string>> = {
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
};
/** What has a meaning in `query_string`, and what separates its words. */
const RESERVED = /[\s+\-=&|><!(){}[\]^"~*?:\\/]/g;
const OPERATOR_WORD = /^(?:AND|OR|NOT)$/;

/**
 * Reads a KQL text and makes the query that finds its documents in an index. The shapes are those of
 * Kibana (kbn-es-query, `functions/is.ts` and its neighbours). So, other than in a predicate: keywords
 * compare with case, unquoted words in a text field match when one of them is there, a network matches
 * in fields of type `ip`, `path:{ … }` needs a field of type `nested` and the cluster refuses others.
 * In a range of a field called `severity`, `high` is a place on the scale here too.
 *
 * Throws `KQL_INVALID` as `parseKql` does, and for a bare `null`, which no engine takes.
 */
export function toElasticsearchQuery(text: string): ElasticsearchQuery {
  return queryOf(parseKql(text), "");
}

/** `prefix` is the path of the nested query around it, with a dot; names inside are relative to it. */
function queryOf(query: Query, prefix: string): ElasticsearchQuery {
  switch (query.type) {
    case "all":
      return { match_all: {} };
    case "and":
      return { bool: { filter: query.of.map((member) => queryOf(member, prefix)) } };
    case "or":
      return either(query.of.map((member) => queryOf(member, prefix)));
    case "not":
      return { bool: { must_not: [queryOf(query.of, prefix)] } };
    case "nested":
      return nestedQuery(query.of, prefix + query.path);
    case "exists":
      return { exists: { field: fieldName(query.field, prefix) ?? "*" } };
    case "match":
      return matchQuery(query.field, query.value, prefix);
    case "range":
      return rangeQuery(query, prefix);
  }
}

function either(should: ElasticsearchQuery[]): ElasticsearchQuery {
  return { bool: { should, minimum_should_match: 1 } };
}

function nestedQuery(of: Query, path: string): ElasticsearchQuery {
  return { nested: { path, query: queryOf(of, `${path}.`), score_mode: "none" } };
}

function matchQuery(field: Field, value: Value, prefix: string): ElasticsearchQuery {
  if (value.kind === "pattern") return patternQuery(field, value.parts, prefix);
  const { text, quoted } = value;
  if (!quoted && text === "null") throw bareNull();
  if (field.kind === "name") {
    return { [quoted ? "match_phrase" : "match"]: { [prefix + field.name]: text } };
  }
  const type = quoted ? "phrase" : "best_fields";
  return { multi_match: { type, query: text, ...someFields(field, prefix) } };
}

function patternQuery(field: Field, parts: readonly string[], prefix: string): ElasticsearchQuery {
  const text = parts.map(escape).join("*");
  const words = text.split(/\\\s/).filter((word) => word !== "");
  const whole = queryString(text, field, prefix);
  if (words.length < 2) return whole;
  return either([whole, queryString(words.map(escapeOperator).join(" AND "), field, prefix)]);
}

/** A range, a term, or words in the syntax of Lucene. */
function queryString(query: string, field: Field, prefix: string): ElasticsearchQuery {
  return { query_string: { query, ...someFields(field, prefix) } };
}

function rangeQuery({ field, operator, bound }: Range, prefix: string): ElasticsearchQuery {
  if (field.kind !== "name") return queryString(rangeString(operator, bound), field, prefix);
  const name = prefix + field.name;
  const severities = severitiesIn(name, operator, bound);
  if (severities) return { terms: { [name]: severities } };
  return { range: { [name]: { [RANGES[operator]]: bound } } };
}

/** The query `range` takes one field only. */
function rangeString(operator: RangeOperator, bound: string): string {
  const edge = `"${bound.replace(/["\\]/g, "\\$&")}"`;
  if (operator.startsWith(">")) return `${operator === ">" ? "{" : "["}${edge} TO *]`;
  return `[* TO ${edge}${operator === "<" ? "}" : "]"}`;
}

/** In the alphabet, `low` would be more than `high`. */
function severitiesIn(
  field: string,
  operator: RangeOperator,
  bound: string,
): Severity[] | undefined {
  const isName = isSeverity(bound) && !/^\d$/.test(bound);
  if (!isName || field.slice(field.lastIndexOf(".") + 1) !== SEVERITY_FIELD) return undefined;
  const edge = readSeverity(bound) ?? Number.NaN;
  return SEVERITIES.filter((_, id) => {
    if (id === edge) return operator.endsWith("=");
    return operator.startsWith(">") ? id > edge : id < edge;
  });
}

/**
 * Fields for a query that takes several; none means all. Among several there may be some to which
 * the value cannot belong (a word in a number): those do not fit, where one alone is an error.
 */
function someFields(field: Field, prefix: string): { [name: string]: Json } {
  const name = fieldName(field, prefix);
  if (name === undefined) return { lenient: true };
  return field.kind === "name" ? { fields: [name] } : { fields: [name], lenient: true };
}

/** A name, also one with wildcards; undefined for all fields. */
function fieldName(field: Field, prefix: string): string | undefined {
  if (field.kind === "name") return prefix + field.name;
  if (field.kind === "pattern") return prefix + field.parts.join("*");
  return prefix === "" ? undefined : `${prefix}*`;
}

function escape(text: string): string {
  return text.replace(RESERVED, "\\$&");
}

function escapeOperator(word: string): string {
  return OPERATOR_WORD.test(word) ? `\\${word}` : word;
}

function bareNull() {
  return fail("KQL_INVALID", {
    component: "kql",
    message: "null is no value that a document can have",
    hint: 'write not field: * for a field without a value, or "null" for the word',
  });
}
