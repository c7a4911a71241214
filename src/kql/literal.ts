/** Literals: a quoted phrase, or a run of unquoted words with the spaces between them. */
import type { Field, Pattern, Value } from "./ast.ts";
import type { Token } from "./lexer.ts";

/** A literal as it stands in the text, before it is known to be a field or a value. */
export interface Literal {
  /** One token when quoted, else one or more words. Never empty. */
  readonly tokens: readonly [Token, ...Token[]];
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
  /** The unescaped text, cut at each wildcard. */
  readonly parts: readonly string[];
}

/** Joins tokens to one literal; spaces between words count as they were written, as in Kibana. */
export function joinLiteral(text: string, tokens: readonly [Token, ...Token[]]): Literal {
  const [first, ...rest] = tokens;
  const parts = [...first.parts];
  let end = first.end;
  for (const token of rest) {
    const gap = text.slice(end, token.start);
    parts.push((parts.pop() ?? "") + gap + (token.parts[0] ?? ""), ...token.parts.slice(1));
    end = token.end;
  }
  return { tokens, start: first.start, end, quoted: first.type === "quoted", parts };
}

/** The text of a literal as it was written. */
export function rawLiteral(text: string, literal: Literal): string {
  return text.slice(literal.start, literal.end);
}

/** The literal read as a field name. */
export function fieldFrom(literal: Literal): Field {
  if (literal.parts.length === 1) return { kind: "name", name: literal.parts[0] ?? "" };
  const pattern = patternFrom(literal.parts);
  return isOnlyWildcard(pattern) ? { kind: "any" } : pattern;
}

/** The literal read as a value; undefined when it is nothing but wildcards, which asks for existence. */
export function valueFrom(literal: Literal): Value | undefined {
  if (literal.parts.length === 1) {
    return { kind: "text", text: literal.parts[0] ?? "", quoted: literal.quoted };
  }
  const pattern = patternFrom(literal.parts);
  return isOnlyWildcard(pattern) ? undefined : pattern;
}

/** Two adjacent wildcards are one: the empty part between them says nothing. */
function patternFrom(parts: readonly string[]): Pattern {
  const last = parts.length - 1;
  const kept = parts.filter((part, index) => part !== "" || index === 0 || index === last);
  return { kind: "pattern", parts: kept };
}

function isOnlyWildcard(pattern: Pattern): boolean {
  return pattern.parts.every((part) => part === "");
}
