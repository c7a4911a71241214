/** What to say about a token that cannot stand where it stands. */
import type { TocsinError } from "../errors.ts";
import { invalidKql } from "./invalid.ts";
import type { Token, TokenType } from "./lexer.ts";
import type { Literal } from "./literal.ts";

/** For a token where a condition or a value should begin. */
export function missingTerm(
  text: string,
  found: Token,
  before: TokenType | undefined,
): TocsinError {
  const what = found.type === "end" ? "the query ends" : `"${found.type}" stands`;
  const place = before === ":" || isComparison(before) ? "a value" : "a condition";
  const hint = hintFor(found.type, before);
  return invalidKql(text, found.start, `${what} where ${place} is expected`, hint);
}

/** For a token after a complete condition, where only a conjunction or the end may stand. */
export function trailingToken(text: string, next: Token): TocsinError {
  if (next.type === ")" || next.type === "}") {
    const hint = `remove it, or open its group with ${next.type === ")" ? "(" : "{"}`;
    return invalidKql(text, next.start, `a ${next.type} that closes nothing`, hint);
  }
  if (isComparison(next.type)) {
    const hint =
      "a comparison is field: value or field >= value; put a value that holds it in double quotes";
    return invalidKql(text, next.start, `an unexpected ${next.type}`, hint);
  }
  const { problem, hint } = missingConjunction(text, next);
  return invalidKql(text, next.start, problem, hint);
}

/** For a group that is not closed where `next` stands. */
export function missingClose(text: string, open: Token, next: Token, type: ")" | "}"): TocsinError {
  const closes = next.type === "end" || next.type === ")" || next.type === "}";
  if (!closes) return trailingToken(text, next);
  const hint = `close the ${open.type} of character ${open.start + 1}`;
  return invalidKql(text, next.start, `no ${type}`, hint);
}

/** For a `:` or `<` after a value: its last word was meant as a field, or the value needs quotes. */
export function secondField(text: string, value: Literal, next: Token): TocsinError {
  const last = value.tokens.at(-1);
  if (last !== undefined && value.tokens.length > 1) {
    const { problem, hint } = missingConjunction(text, last);
    return invalidKql(text, last.start, problem, hint);
  }
  const hint = `put the value in double quotes, or write \\${next.type}`;
  return invalidKql(text, next.start, `a bare ${next.type} in a value`, hint);
}

/** What to say when a condition follows another with nothing between them. */
export function missingConjunction(text: string, next: Token): { problem: string; hint: string } {
  const name = text.slice(next.start, next.end);
  const hint = `put "and" or "or" before ${name}; a field name with a space needs double quotes`;
  return { problem: 'no "and" or "or" between two conditions', hint };
}

/** Whether a token compares a field with a value. */
export function isComparison(type: TokenType | undefined): boolean {
  return type === ":" || isRange(type);
}

function isRange(type: TokenType | undefined): boolean {
  return type === "<" || type === "<=" || type === ">" || type === ">=";
}

function hintFor(found: TokenType, before: TokenType | undefined): string {
  if (found === "not" && before === ":") return "write not field: value, or field: (not value)";
  if (found === "and" || found === "or" || found === "not") {
    return `put "${found}" in double quotes to look for the word`;
  }
  if (before === ":" && isRange(found)) return `leave out the colon: field ${found} value`;
  if (found === ")" || found === "}") return "put a condition inside, or remove the group";
  if (found === "{") return "a nested query names its field: artifacts:{ type: ip }";
  if (isComparison(found)) return "write the field first: field: value";
  return 'write field: value, or field: "" for the empty text';
}
