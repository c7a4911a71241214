/** Tests of one value of a record, prepared once from a value of the query. */
import type { RangeOperator, Value } from "./ast.ts";
import { readSpan, readTime } from "./dates.ts";
import { readNetwork } from "./network.ts";
import { readSeverity, severityName } from "./scale.ts";
import { fold, spacedWords, wordsOf } from "./text.ts";
import { compileGlob } from "./wildcard.ts";

export type ValueTest = (value: unknown, now: number) => boolean;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const OPERATORS: Readonly<Record<RangeOperator, (left: number, right: number) => boolean>> = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

/** Tests a value of a keyword field: the whole of it. */
export function testKeyword(value: Value): ValueTest {
  return value.kind === "pattern" ? testGlob(value.parts) : testEqual(value.text);
}

/** Tests a value of a prose field: its words. What is no text is tested as a keyword. */
export function testProse(value: Value): ValueTest {
  const whole = testKeyword(value);
  const words = value.kind === "pattern" ? testAnyWord(value.parts) : testWords(value);
  return (candidate, now) =>
    whole(candidate, now) || (typeof candidate === "string" && words(fold(candidate)));
}

/** Tests a severity on the scale. */
export function testSeverity(value: Value): ValueTest {
  if (value.kind === "pattern") {
    const fits = testGlob(value.parts);
    return (candidate, now) => fits(severityName(candidate), now);
  }
  const wanted = readSeverity(value.text);
  return (candidate) => wanted !== undefined && readSeverity(candidate) === wanted;
}

/** Tests a severity against a bound on the scale. */
export function testSeverityRange(operator: RangeOperator, bound: string): ValueTest {
  const wanted = readSeverity(bound);
  return testOrder(operator, readSeverity, wanted ?? Number.NaN);
}

/**
 * Tests a value against a bound. The bound decides what is compared: a date with dates, a number
 * with numbers, anything else with texts. A value of another type is not in the range.
 */
export function testRange(operator: RangeOperator, bound: string): ValueTest {
  const span = readSpan(bound);
  if (span) {
    const edge = operator === ">=" || operator === "<" ? span.from : span.to;
    // From here on the end of the span is outside of it: `> day` is at or after its end.
    const holds = operator === ">" || operator === ">=" ? OPERATORS[">="] : OPERATORS["<"];
    return (value, now) => {
      const time = readTime(value);
      return time !== undefined && holds(time, edge(now));
    };
  }
  const number = readNumber(bound);
  return number === undefined
    ? testTextOrder(operator, fold(bound))
    : testOrder(operator, readNumber, number);
}

function testOrder(
  operator: RangeOperator,
  read: (value: unknown) => number | undefined,
  bound: number,
): ValueTest {
  const holds = OPERATORS[operator];
  return (value) => {
    const candidate = read(value);
    return candidate !== undefined && holds(candidate, bound);
  };
}

function testTextOrder(operator: RangeOperator, bound: string): ValueTest {
  const holds = OPERATORS[operator];
  return (value) => {
    if (typeof value !== "string") return false;
    const candidate = fold(value);
    return holds(candidate < bound ? -1 : Number(candidate > bound), 0);
  };
}

/** What an index keeps values under: folded text, or a number. */
export type ValueKey = string | number;

/**
 * Keys of which a value has one when it equals a text, as `testKeyword` sees it; undefined when
 * the text stands for many values.
 */
export function equalKeys(text: string): readonly ValueKey[] | undefined {
  if (testSpecial(text)) return undefined;
  const number = readNumber(text);
  return number === undefined ? [fold(text)] : [fold(text), number];
}

/** The key of a record's value; undefined when it equals no text that has keys. */
export function keyOfValue(value: unknown): ValueKey | undefined {
  return typeof value === "string" || typeof value === "boolean"
    ? textOfValue(value)
    : readNumber(value);
}

/** A record's value as wildcards see it; undefined for what fits none. */
export function textOfValue(value: unknown): string | undefined {
  if (typeof value === "string") return fold(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function testEqual(text: string): ValueTest {
  const wanted = fold(text);
  const number = readNumber(text);
  const more = testSpecial(text);
  return (value, now) => {
    if (typeof value === "string") {
      if (value.length === wanted.length && fold(value) === wanted) return true;
    } else if (typeof value === "boolean") {
      return String(value) === wanted;
    } else if (number !== undefined && readNumber(value) === number) {
      return true;
    }
    return more !== undefined && more(value, now);
  };
}

/** Texts that stand for many values: a date is a span of times, a network a set of addresses. */
function testSpecial(text: string): ValueTest | undefined {
  const span = readSpan(text);
  if (span) {
    return (value, now) => {
      const time = readTime(value);
      return time !== undefined && time >= span.from(now) && time < span.to(now);
    };
  }
  const contains = readNetwork(text);
  return contains && ((value) => typeof value === "string" && contains(value));
}

function testGlob(parts: readonly string[]): ValueTest {
  const fits = compileGlob(parts.map(fold));
  return (value) => {
    const text = textOfValue(value);
    return text !== undefined && fits(text);
  };
}

function testWords(value: { readonly text: string; readonly quoted: boolean }) {
  const folded = fold(value.text);
  const longest = wordsOf(folded).reduce((a, b) => (b.length > a.length ? b : a), "");
  if (longest === "") return () => false;
  const wanted = value.quoted ? [spacedWords(folded)] : wordsOf(folded).map((word) => ` ${word} `);
  return (candidate: string) => {
    // Most candidates fail here, before they are cut into words.
    if (!candidate.includes(longest)) return false;
    const words = spacedWords(candidate);
    return wanted.every((word) => words.includes(word));
  };
}

function testAnyWord(parts: readonly string[]) {
  const fits = compileGlob(parts.map(fold));
  return (candidate: string) => wordsOf(candidate).some(fits);
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isNaN(value) ? undefined : value;
  if (typeof value === "bigint") return Number(value);
  return typeof value === "string" && NUMBER.test(value) ? Number(value) : undefined;
}
