/** What must be true of every query, tried on many random ones. A failure names its seed. */
import { describe, expect, it } from "vitest";
import { TocsinError } from "../errors.ts";
import { compileKql, formatKql, parseKql, recordOf, type Field, type Query } from "./index.ts";
import { diceOf, generateDocument, generateQuery, type Dice } from "./testing/generate.ts";
import { naiveHolds } from "./testing/naive.ts";

const NOW = Date.parse("2026-03-04T13:00:00Z");
const CASES = 6000;

describe("a compiled predicate", () => {
  it("agrees with the naive evaluator, on queries that hold and queries that do not", () => {
    let held = 0;
    for (let seed = 0; seed < CASES; seed++) {
      const dice = diceOf(seed);
      const [query, document] = [generateQuery(dice), generateDocument(dice)];
      const expected = naiveHolds(query, document, NOW);
      const actual = compileKql(query)(recordOf(document), NOW);
      if (actual !== expected) expect.fail(report(seed, query, document, expected));
      held += Number(actual);
    }
    expect(held).toBeGreaterThan(CASES * 0.2);
    expect(held).toBeLessThan(CASES * 0.8);
  });

  it("agrees with the naive evaluator on single conditions", () => {
    let held = 0;
    for (let seed = 0; seed < CASES; seed++) {
      const dice = diceOf(CASES + seed);
      const [query, document] = [generateQuery(dice, 0), generateDocument(dice)];
      const expected = naiveHolds(query, document, NOW);
      const actual = compileKql(query)(recordOf(document), NOW);
      if (actual !== expected) expect.fail(report(seed, query, document, expected));
      held += Number(actual);
    }
    expect(held).toBeGreaterThan(CASES * 0.1);
  });

  it("means the same after a trip through text", () => {
    for (let seed = 0; seed < CASES; seed++) {
      const query = generateQuery(diceOf(seed));
      expect(parseKql(formatKql(query)), `seed ${seed}: ${formatKql(query)}`).toEqual(query);
    }
  });
});

function report(seed: number, query: Query, document: unknown, expected: boolean): string {
  return `seed ${seed}: ${formatKql(query)} should be ${expected} for ${JSON.stringify(document)}`;
}

/** Bits that mean something to some grammar, to be joined at random. */
const BITS = [
  "a",
  "b2",
  "and",
  "or",
  "not",
  "AND",
  "severity",
  "high",
  "now-1d",
  "5",
  "web",
  "é",
  "\u{1F514}",
  "\\",
  "\\\\",
  "\\*",
  "\\and",
  "\\u0041",
  "\\n",
  "\\:",
  '"',
  '\\"',
  '"a b"',
  "(",
  ")",
  "{",
  "}",
  ":",
  "<",
  "<=",
  ">",
  ">=",
  "=",
  "!=",
  "&&",
  "||",
  "&",
  "!",
  "'",
  "[",
  "]",
  " TO ",
  "-",
  "+",
  "*",
  "**",
  " ",
  "  ",
  "\t",
  "\n",
  "\r",
  "\u00a0",
  "\u2003",
  "\u0000",
  ".",
  "/",
  ",",
] as const;

const bitsOf = (dice: Dice, most: number) =>
  Array.from({ length: dice.roll(most) }, () => dice.pick(BITS)).join(dice.pick(["", " "]));

describe("any text", () => {
  it("is read, to a query that survives formatting, or refused with a place inside the text", () => {
    let read = 0;
    for (let seed = 0; seed < 30_000; seed++) {
      const text = bitsOf(diceOf(seed), 9);
      const query = readOrRefuse(text);
      if (!query) continue;
      read++;
      const formatted = formatKql(query);
      expect(readOrRefuse(formatted), `seed ${seed}: ${JSON.stringify([text, formatted])}`).toEqual(
        query,
      );
    }
    expect(read).toBeGreaterThan(3000);
  });
});

/** The query of a text, or undefined when it was refused as it should be. */
function readOrRefuse(text: string): Query | undefined {
  try {
    return parseKql(text);
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    expect(error.code).toBe("KQL_INVALID");
    expect(error.hint).toBeTruthy();
    const position = Number(error.data?.position);
    expect(position).toBeGreaterThanOrEqual(0);
    expect(position).toBeLessThanOrEqual(text.length);
    return undefined;
  }
}

describe("any tree", () => {
  it("survives formatting, whatever its names and values hold", () => {
    for (let seed = 0; seed < 20_000; seed++) {
      const query = oddCondition(diceOf(seed));
      const formatted = formatKql(query);
      expect(readOrRefuse(formatted), `seed ${seed}: ${JSON.stringify(formatted)}`).toEqual(query);
    }
  });
});

function oddCondition(dice: Dice): Query {
  const field = oddField(dice);
  const text = bitsOf(dice, 5);
  const kind = dice.roll(6);
  if (kind === 0) return { type: "nested", path: text, of: oddCondition(dice) };
  if (kind === 1) return { type: "not", of: oddCondition(dice) };
  if (kind === 2) return { type: "or", of: [oddCondition(dice), oddCondition(dice)] };
  if (kind === 3 && !/^now[-+/]/.test(text)) {
    return { type: "range", field, operator: dice.pick(["<", ">="] as const), bound: text };
  }
  if (kind === 4) {
    return { type: "match", field, value: { kind: "pattern", parts: oddParts(dice) } };
  }
  return { type: "match", field, value: { kind: "text", text, quoted: text === "" || kind === 5 } };
}

function oddField(dice: Dice): Field {
  const kind = dice.roll(3);
  if (kind === 0) return { kind: "any" };
  if (kind === 1) return { kind: "pattern", parts: oddParts(dice) };
  const name = bitsOf(dice, 4);
  return { kind: "name", name: name === "severity" ? "" : name };
}

/** At least one part is not empty, and none in the middle. */
function oddParts(dice: Dice): readonly string[] {
  const middle = Array.from({ length: dice.roll(2) }, () => `x${bitsOf(dice, 3)}`);
  return [`x${bitsOf(dice, 3)}`, ...middle, bitsOf(dice, 3)];
}
