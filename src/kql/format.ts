/** `Query` back to KQL text, on one line, that reads as the same query. */
import type { Field, Query, Value } from "./ast.ts";
import type { Place } from "./mistakes.ts";

const SPECIAL = /[\\():<>"*{}]/g;
const CONTROL = /[\t\r\n\u00A0]/g;
const KEYWORD = /(^| )(and|or|not)(?= |$)/gi;
const EDGE_SPACE = /^ | $/g;
/** What the parser would refuse as another language's syntax, by use; see `mistakes.ts`. */
const SUSPICIOUS = {
  field: /^[-+!]|=|&&|\|\|/,
  term: /^[!'[]|=|&&|\|\|/,
  value: /^['[]|&&|\|\|/,
} as const satisfies Readonly<Record<Place, RegExp>>;
const SUSPICIOUS_CHARACTERS = /[-+!'[=&|]/g;
const PLAIN_NAME = /^[A-Za-z_@][\w.@/-]*$/;
const IS_KEYWORD = /^(?:and|or|not)$/i;

/**
 * The KQL text of a query; `parseKql` reads it back as an equal tree. Conditions on one field become
 * a group of values, `host.name:(a or b)`. For showing: it may be longer than the text the query was
 * read from, even longer than what is read, so keep that text rather than this one.
 */
export function formatKql(query: Query): string {
  switch (query.type) {
    case "all":
      return "*";
    case "nested":
      return `${formatName(query.path)}:{ ${formatKql(query.of)} }`;
    case "exists":
      return `${formatField(query.field)}: *`;
    case "range":
      return `${formatField(query.field)} ${query.operator} ${formatBound(query.bound)}`;
    case "match":
      return query.field.kind === "any"
        ? formatValue(query.value, "term")
        : `${formatField(query.field)}: ${formatValue(query.value, "value")}`;
    case "and":
    case "or":
    case "not":
      return formatValueGroup(query) ?? formatLogic(query, formatKql);
  }
}

type Logic = Extract<Query, { type: "and" | "or" | "not" }>;
type Format = (query: Query) => string;

function formatLogic(query: Logic, format: Format): string {
  if (query.type === "not") return `not ${grouped(query.of, ["and", "or"], format)}`;
  const looser: readonly Query["type"][] = query.type === "and" ? ["and", "or"] : ["or"];
  return query.of.map((member) => grouped(member, looser, format)).join(` ${query.type} `);
}

function grouped(query: Query, types: readonly Query["type"][], format: Format): string {
  const text = format(query);
  const bare = !types.includes(query.type) || (format === formatKql && sharedField(query));
  return bare ? text : `(${text})`;
}

/** `field:(…)` for a combination of values of one field. */
function formatValueGroup(query: Logic): string | undefined {
  const field = query.type === "not" ? undefined : sharedField(query);
  return field === undefined ? undefined : `${field}:(${formatValues(query)})`;
}

function formatValues(query: Query): string {
  if (query.type === "match") return formatValue(query.value, "value");
  const isLogic = query.type === "and" || query.type === "or" || query.type === "not";
  return isLogic ? formatLogic(query, formatValues) : "*";
}

/** The text of the one field that all conditions of a combination are about. */
function sharedField(query: Query): string | undefined {
  if (query.type === "not") return sharedField(query.of);
  if (query.type === "match" || query.type === "exists") {
    return query.field.kind === "any" ? undefined : formatField(query.field);
  }
  if (query.type !== "and" && query.type !== "or") return undefined;
  const [first, ...rest] = query.of.map(sharedField);
  return rest.every((field) => field === first) ? first : undefined;
}

function formatField(field: Field): string {
  if (field.kind === "any") return "*";
  // A name with a space is read as two conditions without a conjunction, and a pattern has no quotes.
  if (field.kind === "pattern") return formatParts(field.parts, "field").replaceAll(" ", "\\u0020");
  return formatName(field.name);
}

function formatName(name: string): string {
  return PLAIN_NAME.test(name) && !IS_KEYWORD.test(name) ? name : quote(name);
}

function formatBound(bound: string): string {
  return /^[\w.+-]+$/.test(bound) && !IS_KEYWORD.test(bound) ? bound : quote(bound);
}

function formatValue(value: Value, place: Place): string {
  if (value.kind === "pattern") return formatParts(value.parts, place);
  return value.quoted ? quote(value.text) : formatParts([value.text], place);
}

function formatParts(parts: readonly string[], place: Place): string {
  const escaped = parts
    .map((part) => part.replace(SPECIAL, "\\$&").replace(CONTROL, unicode))
    .map((part) => part.replace(KEYWORD, "$1\\$2"))
    .join("*")
    .replace(EDGE_SPACE, unicode);
  return SUSPICIOUS[place].test(escaped)
    ? escaped.replace(SUSPICIOUS_CHARACTERS, unicode)
    : escaped;
}

function quote(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replace(CONTROL, unicode);
  return `"${escaped}"`;
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
