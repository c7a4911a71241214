/** Random queries and documents from a seed; small pools, so that queries and documents meet. */
import type { Field, Query, Value } from "../ast.ts";

/** A reproducible source of choices. */
export interface Dice {
  /** A whole number from 0 up to, not including, `sides`. */
  roll(sides: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32: 32 bits of state, good enough to shuffle tests. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const roll = (sides: number) => Math.floor(next() * sides);
  return { roll, pick: (from) => from[roll(from.length)]! };
}

const WORDS = ["web", "WEB-01", "db-02", "alpha beta", "beta", "1", "2.0", "true", "", "a.b"];
const TIMES = ["2026-03-04T10:00:00Z", "2026-03-03T00:00:00.000Z", "2026-03-04T23:59:59.999Z"];
const DATES = ["2026-03-04", "2026-03-04T10:00", "2026-03-03T00:00:00Z", "now-3h", "now/d", "now"];
const SEVERITIES = ["low", "HIGH", "critical", "3"];
const TITLES = ["Alpha beta gamma", "web-01: beta, then alpha", "BETA", "--", "alphabet"];

/** Names of leaf fields; those below `items` are also asked relative to an element. */
const KEYWORDS = ["host.name", "host.os.kind", "count", "tags", "items.kind", "items.size"];
const INNER = ["kind", "size", "sub.flag"];

/** The document's leaf fields in any mix of nested and flat keys, some missing, some in arrays. */
export function generateDocument(dice: Dice): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  const add = (name: string, value: unknown) => {
    if (dice.roll(3) > 0) put(document, name, value, dice);
  };
  add("severity", dice.pick([...SEVERITIES, 4, "odd"]));
  add("title", dice.pick(TITLES));
  add("time", dice.pick([...TIMES, Date.parse(dice.pick(TIMES)), "never"]));
  for (const name of KEYWORDS.slice(0, 4)) add(name, generateValue(dice));
  add(
    "items",
    Array.from({ length: dice.roll(4) }, () => generateElement(dice)),
  );
  return document;
}

function generateElement(dice: Dice): Record<string, unknown> {
  const element: Record<string, unknown> = {};
  for (const name of INNER) if (dice.roll(4) > 0) put(element, name, generateValue(dice), dice);
  return element;
}

function generateValue(dice: Dice): unknown {
  const one = () => dice.pick<unknown>([...WORDS, 1, 2, -3.5, true, false, null]);
  return dice.roll(4) === 0 ? Array.from({ length: dice.roll(3) }, one) : one();
}

/** Sets a dotted name, at each dot either going into an object or keeping a flat key. */
function put(target: Record<string, unknown>, name: string, value: unknown, dice: Dice): void {
  const dot = name.indexOf(".");
  if (dot === -1 || dice.roll(2) === 0) {
    target[name] = value;
    return;
  }
  const inner = (target[name.slice(0, dot)] ??= {}) as Record<string, unknown>;
  put(inner, name.slice(dot + 1), value, dice);
}

/** A query over the fields of `generateDocument`; `inner` when it stands inside `items:{…}`. */
export function generateQuery(dice: Dice, depth = 3, inner = false): Query {
  const kind = depth === 0 ? 9 : dice.roll(10);
  const deeper = () => generateQuery(dice, depth - 1, inner);
  if (kind < 4) {
    const of = Array.from({ length: 2 + dice.roll(2) }, deeper);
    return { type: dice.pick(["and", "or"]), of };
  }
  if (kind === 4) return { type: "not", of: deeper() };
  if (kind === 5 && !inner) {
    return { type: "nested", path: "items", of: generateQuery(dice, depth - 1, true) };
  }
  return generateCondition(dice, inner);
}

function generateCondition(dice: Dice, inner: boolean): Query {
  const kind = dice.roll(12);
  if (kind === 0) return { type: "all" };
  if (kind === 1 && !inner) return onSeverity(dice);
  if (kind === 2 && !inner) return onTime(dice);
  if (kind === 3 && !inner) return { type: "match", field: named("title"), value: onTitle(dice) };
  const field = generateField(dice, inner);
  if (kind < 6 && field.kind !== "any") return { type: "exists", field };
  if (kind < 8) {
    const operator = dice.pick(["<", "<=", ">", ">="] as const);
    return { type: "range", field, operator, bound: dice.pick(["1", "2", "-4", "beta", "db-02"]) };
  }
  return { type: "match", field, value: generateTerm(dice) };
}

function generateField(dice: Dice, inner: boolean): Field {
  const kind = dice.roll(6);
  if (kind === 0) return { kind: "any" };
  if (kind === 1) {
    const parts = inner
      ? ["", "i", ""]
      : dice.pick([
          ["host.", ""],
          ["", "s"],
          ["i", ".", "e"],
        ]);
    return { kind: "pattern", parts };
  }
  return named(dice.pick(inner ? INNER : [...KEYWORDS, "host", "items"]));
}

function generateTerm(dice: Dice): Value {
  if (dice.roll(3) > 0) return textOf(dice.pick([...WORDS, "false", "-3.5"]), dice);
  const parts = dice.pick([
    ["", "b", ""],
    ["w", ""],
    ["", "1"],
    ["a", "b", "a"],
    ["1", "1"],
  ]);
  return { kind: "pattern", parts };
}

function onTitle(dice: Dice): Value {
  const parts = dice.pick([
    ["al", ""],
    ["alpha", "gamma"],
    ["", "eta"],
    ["W", " b", "a"],
  ]);
  if (dice.roll(3) === 0) return { kind: "pattern", parts };
  return textOf(dice.pick(["alpha beta", "beta alpha", "web-01", "alpha", "--", "BETA"]), dice);
}

function onSeverity(dice: Dice): Query {
  const field = named("severity");
  const name = dice.pick(["low", "medium", "High", "4"]);
  const operator = dice.pick(["<", "<=", ">", ">="] as const);
  if (dice.roll(2) === 0) return { type: "range", field, operator, bound: name };
  return { type: "match", field, value: textOf(name, dice) };
}

function onTime(dice: Dice): Query {
  const field = named("time");
  const bound = dice.pick(DATES);
  const operator = dice.pick(["<", "<=", ">", ">="] as const);
  if (dice.roll(3) > 0) return { type: "range", field, operator, bound };
  return { type: "match", field, value: textOf(bound, dice) };
}

function textOf(text: string, dice: Dice): Value {
  return { kind: "text", text, quoted: text === "" || dice.roll(2) === 0 };
}

function named(name: string): Field {
  return { kind: "name", name };
}
