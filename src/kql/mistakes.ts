/**
 * Mistakes that are legal KQL but never what was meant. Kibana reads `severity = high` as three
 * words to look for; in a route that is a condition which silently never holds. Here it is an
 * error that says what to write. Quotes or escapes ask for the literal text.
 */
import { SEVERITIES } from "../alert/severity.ts";
import type { RangeOperator } from "./ast.ts";
import { readSpan } from "./dates.ts";
import { invalidKql } from "./invalid.ts";
import { rawLiteral, type Literal } from "./literal.ts";
import { isSeverity, SEVERITY_FIELD } from "./scale.ts";
import { missingConjunction } from "./unexpected.ts";

/** What a literal is used as: `term` is a value without a field. */
export type Place = "field" | "value" | "term";

interface Mistake {
  readonly at: number;
  readonly problem: string;
  readonly hint: string;
}

const FOREIGN_WORDS: Readonly<Record<string, string>> = { "&&": "and", "||": "or" };
const EQUALS_WORD = /^(?:==?|!=|=>|=<)$/;
const NAME_BEFORE_EQUALS = /^[\w.@-]+(?=!?=)/;

/** Throws `KQL_INVALID` when an unquoted literal shows one of the mistakes. */
export function refuseMistakes(text: string, literal: Literal, place: Place): void {
  const mistake = findMistake(text, literal, place);
  if (mistake) throw invalidKql(text, mistake.at, mistake.problem, mistake.hint);
}

function findMistake(text: string, literal: Literal, place: Place): Mistake | undefined {
  if (literal.quoted) return undefined;
  const foreign = findForeignWord(text, literal);
  if (foreign) return foreign;
  if (place === "field") return findFieldMistake(text, literal);
  if (place === "term") return findTermMistake(text, literal);
  return findValueMistake(rawLiteral(text, literal), literal.start);
}

function findForeignWord(text: string, literal: Literal): Mistake | undefined {
  for (const token of literal.tokens) {
    const word = text.slice(token.start, token.end);
    const instead = Object.hasOwn(FOREIGN_WORDS, word) ? FOREIGN_WORDS[word] : undefined;
    if (instead === undefined) continue;
    const hint = `KQL says "${instead}"; put the value in double quotes to look for ${word}`;
    return { at: token.start, problem: `${word} instead of "${instead}"`, hint };
  }
  return undefined;
}

function findFieldMistake(text: string, literal: Literal): Mistake | undefined {
  const equals = findEquals(text, literal);
  if (equals) return equals;
  const lastWord = literal.tokens.at(-1) ?? literal.tokens[0];
  if (literal.tokens.length > 1) {
    return { at: lastWord.start, ...missingConjunction(text, lastWord) };
  }
  return findPrefix(rawLiteral(text, literal), literal.start, /^[-+!]/);
}

function findTermMistake(text: string, literal: Literal): Mistake | undefined {
  const raw = rawLiteral(text, literal);
  const equals = findEquals(text, literal);
  return equals ?? findPrefix(raw, literal.start, /^!/) ?? findValueMistake(raw, literal.start);
}

function findEquals(text: string, literal: Literal): Mistake | undefined {
  for (const token of literal.tokens) {
    const word = text.slice(token.start, token.end);
    if (EQUALS_WORD.test(word)) return equalsMistake(token.start, word.startsWith("!"));
  }
  const name = NAME_BEFORE_EQUALS.exec(rawLiteral(text, literal))?.[0];
  if (name === undefined) return undefined;
  const at = literal.start + name.length;
  return equalsMistake(at, text[at] === "!");
}

function equalsMistake(at: number, negated: boolean): Mistake {
  const form = negated ? "not field: value" : "field: value";
  const hint = `write ${form} (or field >= value); put text that holds = in double quotes`;
  return { at, problem: "= where KQL has a colon", hint };
}

function findPrefix(raw: string, at: number, prefix: RegExp): Mistake | undefined {
  if (!prefix.test(raw)) return undefined;
  const hint = `write "not" to negate; put the name or value in double quotes to mean ${raw[0]} itself`;
  return { at, problem: `${raw[0]} has no meaning here`, hint };
}

function findValueMistake(raw: string, at: number): Mistake | undefined {
  if (/^'.*'$/s.test(raw)) {
    return { at, problem: "single quotes do not quote", hint: 'use double quotes: "…"' };
  }
  if (/^\[.* TO /s.test(raw)) {
    return { at, problem: "[… TO …] is not KQL", hint: "write field >= 1 and field <= 5" };
  }
  return undefined;
}

/** Throws when the severity compared with is none of the scale. */
export function refuseUnknownSeverity(text: string, literal: Literal): void {
  if (literal.parts.length > 1 || isSeverity(literal.parts[0] ?? "")) return;
  const hint = `${SEVERITY_FIELD} is one of ${SEVERITIES.join(", ")}`;
  throw invalidKql(text, literal.start, "an unknown severity", hint);
}

/** Throws when the bound of a range has no order: a wildcard, or date math that cannot be read. */
export function refuseBound(text: string, literal: Literal, operator: RangeOperator): void {
  if (literal.parts.length > 1) {
    const hint = `compare with one value, as in field ${operator} 10; "field: *" asks whether it exists`;
    throw invalidKql(text, literal.start, "a wildcard in a range", hint);
  }
  const bound = literal.parts[0] ?? "";
  if (!/^now[-+/]/.test(bound) || readSpan(bound)) return;
  const hint = "write it like now-15m, now-7d or now/d; units are s m h d w M y";
  throw invalidKql(text, literal.start, "date math that cannot be read", hint);
}
