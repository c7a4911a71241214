/**
 * KQL text to tokens. Escapes follow Kibana's grammar: `\t \r \n \uXXXX` anywhere; in unquoted text
 * also a backslash before one of `\ ( ) : < > " * { }` or before `and`, `or`, `not`; in quotes only
 * `\\` and `\"`, every other backslash there stands for itself.
 *
 * One difference: a keyword is a whole word. Kibana also sees the `not ` in `cannot open`.
 */
import type { RangeOperator } from "./ast.ts";
import { invalidKql } from "./invalid.ts";

export type Keyword = "and" | "or" | "not";
export type TokenType =
  | "("
  | ")"
  | "{"
  | "}"
  | ":"
  | RangeOperator
  | Keyword
  | "word"
  | "quoted"
  | "end";

export interface Token {
  readonly type: TokenType;
  /** Offset of the first character in the text, and of the one after the last. */
  readonly start: number;
  readonly end: number;
  /** For `word` and `quoted`: the unescaped text, cut at each wildcard. */
  readonly parts: readonly string[];
}

const PUNCTUATION = /[(){}:]|[<>]=?/y;
const SPACES = /[ \t\r\n\u00A0]+/y;
const WORD = /(?:\\[^]|[^\\():<>"*{} \t\r\n\u00A0]|\*)+/y;
// The three choices exclude each other, so an unclosed quote fails in one pass.
const QUOTED = /"(?:\\["\\]|\\(?!["\\])|[^"\\])*"/y;
const KEYWORD = /^(?:and|or|not)$/i;
const WORD_ESCAPE =
  /\\(?:u([0-9a-fA-F]{4})|([\\():<>"*{}]|[aA][nN][dD]|[oO][rR]|[nN][oO][tT])|([trn])|[^])|(\*+)/g;
const QUOTED_ESCAPE = /\\(?:u([0-9a-fA-F]{4})|([\\"])|([trn]))/g;
const WHITESPACE: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n" };

/** Cuts a text into tokens. Throws `KQL_INVALID` for a bad escape or quote. */
export function lexKql(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = skipSpaces(text, 0);
  while (at < text.length) {
    const token = readToken(text, at);
    tokens.push(token);
    at = skipSpaces(text, token.end);
  }
  return tokens;
}

function readToken(text: string, start: number): Token {
  const punctuation = matchAt(PUNCTUATION, text, start);
  if (punctuation !== undefined) {
    return { type: punctuation as TokenType, start, end: start + punctuation.length, parts: [] };
  }
  return text[start] === '"' ? readQuoted(text, start) : readWord(text, start);
}

function readWord(text: string, start: number): Token {
  const raw = matchAt(WORD, text, start);
  // Only a backslash at the very end of the text begins no token.
  if (raw === undefined) throw badEscape(text, start);
  const end = start + raw.length;
  if (KEYWORD.test(raw)) {
    return { type: raw.toLowerCase() as Keyword, start, end, parts: [] };
  }
  return { type: "word", start, end, parts: unescapeWord(text, raw, start) };
}

function unescapeWord(text: string, raw: string, start: number): readonly string[] {
  const parts: string[] = [];
  let part = "";
  let done = 0;
  for (const match of raw.matchAll(WORD_ESCAPE)) {
    const [all, unicode, literal, space, wildcard] = match;
    part += raw.slice(done, match.index);
    done = match.index + all.length;
    if (wildcard !== undefined) {
      parts.push(part);
      part = "";
      continue;
    }
    const character = unescaped(unicode, literal, space);
    if (character === undefined) throw badEscape(text, start + match.index);
    part += character;
  }
  parts.push(part + raw.slice(done));
  return parts;
}

function readQuoted(text: string, start: number): Token {
  const raw = matchAt(QUOTED, text, start);
  if (raw === undefined) throw unclosedQuote(text, start);
  const content = raw
    .slice(1, -1)
    .replace(
      QUOTED_ESCAPE,
      (all, unicode?: string, literal?: string, space?: string) =>
        unescaped(unicode, literal, space) ?? all,
    );
  return { type: "quoted", start, end: start + raw.length, parts: [content] };
}

function unescaped(unicode?: string, literal?: string, space?: string): string | undefined {
  if (space !== undefined) return WHITESPACE[space];
  if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
  return literal;
}

function skipSpaces(text: string, at: number): number {
  return at + (matchAt(SPACES, text, at)?.length ?? 0);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function badEscape(text: string, position: number) {
  const hint =
    'put the value in double quotes, or double the backslash: "C:\\\\dir" or C\\:\\\\dir';
  return invalidKql(text, position, "a backslash that escapes nothing", hint);
}

function unclosedQuote(text: string, position: number) {
  const hint = text.trimEnd().endsWith('\\"')
    ? 'the last quote is escaped by the backslash before it; write \\\\" to end in a backslash'
    : 'close it with "';
  return invalidKql(text, position, "a quote that is never closed", hint);
}
