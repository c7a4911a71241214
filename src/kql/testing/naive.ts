/**
 * What a query means, written without a thought for speed and without a line of the compiler: the
 * document is flattened to pairs, wildcards and words are regular expressions, every value is read
 * anew. For documents in ASCII.
 */
import { SEVERITIES } from "../../alert/severity.ts";
import type { Field, Query, RangeOperator, Value } from "../ast.ts";

type Document = Record<string, unknown>;
type Pair = readonly [name: string, value: unknown];

export function naiveHolds(query: Query, document: Document, now: number, top = true): boolean {
  const holds = (member: Query) => naiveHolds(member, document, now, top);
  if (query.type === "all") return true;
  if (query.type === "and") return query.of.every(holds);
  if (query.type === "or") return query.of.some(holds);
  if (query.type === "not") return !holds(query.of);
  if (query.type === "nested") {
    return elementsAt(document, "", query.path).some((e) => naiveHolds(query.of, e, now, false));
  }
  const named = (name: string) => nameFits(query.field, name);
  const pairs = flatten(document);
  if (query.type === "exists") {
    return pairs.some(([name]) => named(name) || prefixes(query.field, name));
  }
  return pairs.some(([name, value]) => {
    if (!named(name)) return false;
    const scale = top && name === "severity" && query.field.kind === "name";
    if (query.type === "range") return inRange(value, query.operator, query.bound, now, scale);
    return valueFits(value, query.value, now, scale, /(^|\.)title$/.test(name));
  });
}

function flatten(value: unknown, name = ""): Pair[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((element) => flatten(element, name));
  if (typeof value !== "object") return [[name, value]];
  return Object.entries(value).flatMap(([key, member]) => flatten(member, join(name, key)));
}

function join(name: string, key: string): string {
  return name === "" ? key : `${name}.${key}`;
}

function elementsAt(value: unknown, name: string, path: string): Document[] {
  if (Array.isArray(value)) return value.flatMap((element) => elementsAt(element, name, path));
  if (typeof value !== "object" || value === null) return [];
  if (name === path) return [value as Document];
  return Object.entries(value).flatMap(([key, member]) =>
    elementsAt(member, join(name, key), path),
  );
}

function nameFits(field: Field, name: string): boolean {
  if (field.kind === "any") return true;
  return field.kind === "name" ? field.name === name : globOf(field.parts, "s").test(name);
}

/** `host` exists when `host.name` does. */
function prefixes(field: Field, name: string): boolean {
  return field.kind === "name" && name.startsWith(`${field.name}.`);
}

function globOf(parts: readonly string[], flags: string): RegExp {
  const literal = parts.map((part) => part.replace(/[^A-Za-z0-9]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, flags);
}

function valueFits(value: unknown, wanted: Value, now: number, scale: boolean, prose: boolean) {
  const text = scale ? severityText(value) : String(value);
  if (wanted.kind === "pattern") {
    const glob = globOf(wanted.parts, "is");
    return glob.test(text) || (prose && text.split(/\W+/).some((word) => word && glob.test(word)));
  }
  if (scale) return text === severityText(wanted.text) && SEVERITIES.includes(text as "low");
  if (text.toLowerCase() === wanted.text.toLowerCase()) return true;
  if (typeof value === "number" && wanted.text !== "" && value === Number(wanted.text)) return true;
  if (timeFits(value, wanted.text, now)) return true;
  return prose && typeof value === "string" && proseFits(text, wanted);
}

function proseFits(text: string, wanted: { text: string; quoted: boolean }): boolean {
  const words = wanted.text.split(/\W+/).filter(Boolean);
  if (words.length === 0) return false;
  const has = (expression: string) => new RegExp(`\\b${expression}\\b`, "i").test(text);
  return wanted.quoted ? has(words.join("\\W+")) : words.every(has);
}

function severityText(value: unknown): string {
  const text = String(value).toLowerCase();
  return /^[0-5]$/.test(text) ? SEVERITIES[Number(text)]! : text;
}

function inRange(
  value: unknown,
  operator: RangeOperator,
  bound: string,
  now: number,
  scale: boolean,
) {
  if (scale) {
    const ranks = [value, bound].map((one) => SEVERITIES.indexOf(severityText(one) as "low"));
    return ranks[0]! >= 0 && compare(ranks[0]!, operator, ranks[1]!);
  }
  const span = spanOf(bound, now);
  if (span) {
    const time = timeOf(value);
    if (Number.isNaN(time)) return false;
    // The last millisecond of a span is the end that `>` and `<=` look at.
    return compare(time, operator, operator === ">" || operator === "<=" ? span[1] : span[0]);
  }
  if (!Number.isNaN(Number(bound))) {
    const number = value === "" || typeof value === "boolean" ? Number.NaN : Number(value);
    return compare(number, operator, Number(bound));
  }
  return typeof value === "string" && compare(value.toLowerCase(), operator, bound.toLowerCase());
}

function compare<T>(left: T, operator: RangeOperator, right: T): boolean {
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}

function timeFits(value: unknown, text: string, now: number): boolean {
  const span = spanOf(text, now);
  const time = timeOf(value);
  return span !== undefined && time >= span[0] && time <= span[1];
}

function timeOf(value: unknown): number {
  if (typeof value === "number") return value;
  return /^\d{4}-.*Z$/.test(String(value)) ? Date.parse(String(value)) : Number.NaN;
}

/** First and last millisecond of the dates that the generator writes. */
function spanOf(text: string, now: number): [number, number] | undefined {
  const hour = 3_600_000;
  const today = Math.floor(now / (24 * hour)) * 24 * hour;
  if (text === "now") return [now, now];
  if (text === "now/d") return [today, today + 24 * hour - 1];
  if (text === "now-3h") return [now - 3 * hour, now - 3 * hour];
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return lasting(Date.parse(`${text}T00:00:00Z`), 24 * hour);
  if (/T\d\d:\d\d$/.test(text)) return lasting(Date.parse(`${text}:00Z`), 60_000);
  if (/T\d\d:\d\d:\d\dZ$/.test(text)) return lasting(Date.parse(text), 1000);
  return undefined;
}

function lasting(from: number, length: number): [number, number] {
  return [from, from + length - 1];
}
