/**
 * KQL text to `Query`: recursive descent over the tokens, `not` binding tighter than `and`, `and`
 * tighter than `or`, as in Kibana's grammar.
 */
import type { Field, Query, RangeOperator } from "./ast.ts";
import { invalidKql } from "./invalid.ts";
import { lexKql, type Token, type TokenType } from "./lexer.ts";
import { fieldFrom, joinLiteral, valueFrom, type Literal } from "./literal.ts";
import { refuseBound, refuseMistakes, refuseUnknownSeverity } from "./mistakes.ts";
import { SEVERITY_FIELD } from "./scale.ts";
import {
  isComparison,
  missingClose,
  missingTerm,
  secondField,
  trailingToken,
} from "./unexpected.ts";

/** The longest text read, in characters, and the deepest nesting of groups and `not`. */
export const MAX_KQL_LENGTH = 10_000;
export const MAX_KQL_DEPTH = 64;

/**
 * Reads a KQL text. Empty text and `*` match everything. Throws `KQL_INVALID` with the 0-based
 * offset in `data.position` and a hint.
 *
 * Stricter than Kibana where Kibana's reading is never what was meant: see `mistakes.ts`; further, a
 * bare `and`, `or` or `not` is never a word to look for, and `severity` must name one of the scale.
 */
export function parseKql(text: string): Query {
  if (text.length > MAX_KQL_LENGTH) {
    const problem = `more than ${MAX_KQL_LENGTH} characters in one query`;
    throw invalidKql(text, MAX_KQL_LENGTH, problem, "split it into several routes or silences");
  }
  return new Parser(text, lexKql(text)).parse();
}

type Leaf = () => Query;

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #index = 0;
  #depth = 0;
  /** How many `{` are open: field names inside are relative to an element. */
  #nested = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
    this.#end = { type: "end", start: text.length, end: text.length, parts: [] };
  }

  parse(): Query {
    if (this.#peek().type === "end") return { type: "all" };
    const query = this.#either(() => this.#condition());
    if (this.#peek().type !== "end") throw trailingToken(this.#text, this.#peek());
    return query;
  }

  /** `a or b`; the leaf is a condition, or a value inside `field:(…)`. */
  #either(leaf: Leaf): Query {
    return this.#chain("or", () => this.#chain("and", () => this.#negation(leaf)));
  }

  #chain(type: "and" | "or", member: Leaf): Query {
    const first = member();
    if (this.#peek().type !== type) return first;
    const of = [first];
    while (this.#accept(type)) of.push(member());
    return { type, of };
  }

  #negation(leaf: Leaf): Query {
    if (this.#peek().type !== "not") return this.#primary(leaf);
    return this.#deeper(() => ({ type: "not", of: this.#negation(leaf) }));
  }

  #primary(leaf: Leaf): Query {
    if (this.#peek().type !== "(") return leaf();
    return this.#deeper((open) => {
      const query = this.#either(leaf);
      this.#close(open, ")");
      return query;
    });
  }

  #condition(): Query {
    const literal = this.#literal();
    const next = this.#peek().type;
    if (next === ":") return this.#fieldCondition(literal);
    if (next === "<" || next === "<=" || next === ">" || next === ">=") {
      return this.#range(literal, next);
    }
    refuseMistakes(this.#text, literal, "term");
    return match({ kind: "any" }, literal);
  }

  #fieldCondition(literal: Literal): Query {
    const field = this.#field(literal);
    this.#take();
    if (this.#peek().type === "{") return this.#nestedQuery(literal, field);
    return this.#valueGroup(() => this.#value(field));
  }

  /** The parenthesis after a colon holds no fields, so it counts for no depth: `formatKql` adds them. */
  #valueGroup(value: Leaf): Query {
    const open = this.#peek();
    if (!this.#accept("(")) return value();
    const query = this.#either(value);
    this.#close(open, ")");
    return query;
  }

  #nestedQuery(literal: Literal, field: Field): Query {
    if (field.kind !== "name") {
      const hint = "name the array whose elements are asked about: artifacts:{ type: ip }";
      throw this.#invalid(literal.start, "a wildcard before {", hint);
    }
    return this.#deeper((open) => {
      this.#nested++;
      const of = this.#either(() => this.#condition());
      this.#nested--;
      this.#close(open, "}");
      return { type: "nested", path: field.name, of };
    });
  }

  #value(field: Field): Query {
    const literal = this.#literal();
    refuseMistakes(this.#text, literal, "value");
    this.#refuseSecondField(literal);
    if (this.#isSeverity(field)) refuseUnknownSeverity(this.#text, literal);
    return match(field, literal);
  }

  #range(literal: Literal, operator: RangeOperator): Query {
    const field = this.#field(literal);
    this.#take();
    const bound = this.#literal();
    refuseMistakes(this.#text, bound, "value");
    refuseBound(this.#text, bound, operator);
    this.#refuseSecondField(bound);
    if (this.#isSeverity(field)) refuseUnknownSeverity(this.#text, bound);
    return { type: "range", field, operator, bound: bound.parts[0] ?? "" };
  }

  #field(literal: Literal): Field {
    refuseMistakes(this.#text, literal, "field");
    return fieldFrom(literal);
  }

  #isSeverity(field: Field): boolean {
    return this.#nested === 0 && field.kind === "name" && field.name === SEVERITY_FIELD;
  }

  #literal(): Literal {
    const first = this.#peek();
    if (first.type !== "word" && first.type !== "quoted") {
      throw missingTerm(this.#text, first, this.#tokens[this.#index - 1]?.type);
    }
    this.#take();
    const tokens: [Token, ...Token[]] = [first];
    while (first.type === "word" && this.#peek().type === "word") tokens.push(this.#take());
    return joinLiteral(this.#text, tokens);
  }

  #deeper<T>(read: (open: Token) => T): T {
    const open = this.#take();
    if (++this.#depth > MAX_KQL_DEPTH) {
      const problem = `more than ${MAX_KQL_DEPTH} groups inside each other`;
      throw this.#invalid(open.start, problem, "remove parentheses that change nothing");
    }
    const result = read(open);
    this.#depth--;
    return result;
  }

  #close(open: Token, type: ")" | "}"): void {
    if (this.#accept(type)) return;
    throw missingClose(this.#text, open, this.#peek(), type);
  }

  #refuseSecondField(literal: Literal): void {
    const next = this.#peek();
    if (isComparison(next.type)) throw secondField(this.#text, literal, next);
  }

  #invalid(position: number, problem: string, hint: string) {
    return invalidKql(this.#text, position, problem, hint);
  }

  #peek(): Token {
    return this.#tokens[this.#index] ?? this.#end;
  }

  #take(): Token {
    const token = this.#peek();
    this.#index++;
    return token;
  }

  #accept(type: TokenType): boolean {
    if (this.#peek().type !== type) return false;
    this.#index++;
    return true;
  }
}

function match(field: Field, literal: Literal): Query {
  const value = valueFrom(literal);
  if (value) return { type: "match", field, value };
  return field.kind === "any" ? { type: "all" } : { type: "exists", field };
}
