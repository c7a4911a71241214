import { describe, expect, it } from "vitest";
import { diceOf, type Dice } from "../../kql/testing/generate.ts";
import type { Position } from "../entry.ts";
import type { Matcher } from "../policies.ts";
import type { CorrelatedPart } from "../state.ts";
import { arrive, type Steps } from "./correlate-windows.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const ANY: Matcher = { text: "*", matches: () => true };

/** An event of a stream: when it happened, and which steps it matches. */
interface Happening {
  readonly position: number;
  readonly at: number;
  readonly steps: readonly number[];
}

interface Policy {
  readonly length: number;
  readonly least: number;
  readonly within: number;
}

function partOf({ position, at }: Happening): CorrelatedPart {
  return { position: position as Position, id: `e${position}`, title: "t", at, artifacts: [] };
}

/** The positions of every match, in the order of the events that completed them. */
function matchesOf(stream: readonly Happening[], policy: Policy): (readonly number[] | null)[] {
  const compiled = { ...policy, steps: Array.from({ length: policy.length }, () => ANY) };
  let steps: Steps = [];
  return stream.map((happening) => {
    const arrival = arrive(compiled, steps, partOf(happening), happening.steps);
    steps = arrival.steps;
    return arrival.match?.map(({ position }) => position) ?? null;
  });
}

/** The same, slow and obvious: nothing is forgotten, and everything is tried. */
function expectedMatches(stream: readonly Happening[], policy: Policy) {
  let unused: Happening[] = [];
  return stream.map((happening) => {
    unused = [...unused, happening].toSorted((a, b) => a.at - b.at || a.position - b.position);
    const match =
      policy.length === 1
        ? countByTrying(unused, happening, policy)
        : sequenceByTrying(unused, happening, policy);
    unused = unused.filter((part) => !match?.includes(part));
    return match?.map(({ position }) => position) ?? null;
  });
}

/** Every window there is, second by second. */
function countByTrying(parts: readonly Happening[], happening: Happening, policy: Policy) {
  const first = happening.at - policy.within;
  for (let start = first; start <= happening.at; start += SECOND) {
    const window = parts.filter(({ at }) => at >= start && at <= start + policy.within);
    if (window.length >= policy.least) return window;
  }
  return null;
}

/** Every choice of one part for each step; the best has the event late and the others near it. */
function sequenceByTrying(parts: readonly Happening[], happening: Happening, policy: Policy) {
  let chains: (readonly Happening[])[] = [[]];
  for (let step = 0; step < policy.length; step += 1) {
    chains = chains.flatMap((chain) =>
      parts
        .filter((part) => part.steps.includes(step))
        .filter((part) => isAfter(part, chain.at(-1)))
        .map((part) => [...chain, part]),
    );
  }
  const fitting = chains
    .filter((chain) => chain.includes(happening))
    .filter((chain) => chain.at(-1)!.at - chain[0]!.at <= policy.within);
  return fitting.toSorted((a, b) => compare(a, b, parts, happening))[0] ?? null;
}

function isAfter(part: Happening, before: Happening | undefined): boolean {
  if (!before) return true;
  return part.at > before.at || (part.at === before.at && part.position > before.position);
}

function compare(
  a: readonly Happening[],
  b: readonly Happening[],
  parts: readonly Happening[],
  happening: Happening,
): number {
  const place = a.indexOf(happening);
  if (place !== b.indexOf(happening)) return b.indexOf(happening) - place;
  const rank = (part: Happening | undefined) => (part ? parts.indexOf(part) : 0);
  for (let step = place - 1; step >= 0; step -= 1) {
    if (a[step] !== b[step]) return rank(b[step]) - rank(a[step]);
  }
  for (let step = place + 1; step < a.length; step += 1) {
    if (a[step] !== b[step]) return rank(a[step]) - rank(b[step]);
  }
  return 0;
}

/** Events every half minute or so, up to ten minutes late; coarse times, so that edges are hit. */
function randomStream(dice: Dice, length: number, events: number): Happening[] {
  let clock = 60 * MINUTE;
  return Array.from({ length: events }, (_, index) => {
    clock += dice.roll(5) * 15 * SECOND;
    const late = dice.roll(3) === 0 ? dice.roll(41) * 15 * SECOND : 0;
    const steps = [...Array(length).keys()].filter(() => dice.roll(length + 1) === 0);
    const matching = length === 1 ? [0] : steps.length > 0 ? steps : [dice.roll(length)];
    return { position: index + 1, at: clock - late, steps: matching };
  });
}

const at = (position: number, seconds: number, ...steps: number[]): Happening => {
  return { position, at: seconds * SECOND, steps: steps.length > 0 ? steps : [0] };
};
const count = { length: 1, least: 3, within: 5 * MINUTE };
const sequence = { length: 2, least: 1, within: 10 * MINUTE };

describe("a count", () => {
  it("agrees with trying every window, over random streams out of order", () => {
    let matches = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const dice = diceOf(seed);
      const policy = { length: 1, least: 2 + dice.roll(8), within: (1 + dice.roll(20)) * 15_000 };
      const stream = randomStream(dice, 1, 120);
      const found = matchesOf(stream, policy);
      expect(found, `seed ${seed}`).toEqual(expectedMatches(stream, policy));
      matches += found.filter((match) => match !== null).length;
    }
    expect(matches).toBeGreaterThan(500);
  });

  it("counts an event exactly at the window's edge, and none a millisecond beyond", () => {
    const before = [at(1, 0), at(2, 100)];
    expect(matchesOf([...before, at(3, 300)], count).at(-1)).toEqual([1, 2, 3]);
    expect(matchesOf([...before, at(3, 300.001)], count).at(-1)).toBeNull();
  });

  it("misses nothing where fixed buckets would: around a full five minutes", () => {
    expect(matchesOf([at(1, 290), at(2, 299), at(3, 310)], count).at(-1)).toEqual([1, 2, 3]);
  });

  it("is completed by an event that comes ten minutes late", () => {
    const stream = [at(1, 1000), at(2, 1100), at(3, 1750), at(4, 1150)];
    expect(matchesOf(stream, count)).toEqual([null, null, null, [1, 2, 4]]);
  });

  it("goes on when the clock is set back, whatever it counted before", () => {
    const stream = [at(1, 90_000), at(2, 10), at(3, 20), at(4, 30)];
    expect(matchesOf(stream, count).at(-1)).toEqual([2, 3, 4]);
  });

  it("uses its parts up: the next match needs as many again", () => {
    const stream = [1, 2, 3, 4, 5, 6].map((position) => at(position, position));
    expect(matchesOf(stream, count).map((match) => match?.length ?? 0)).toEqual([0, 0, 3, 0, 0, 3]);
  });

  it("says how near it came, without what lies outside of the window", () => {
    const policy = { ...count, steps: [ANY] };
    const first = arrive(policy, [], partOf(at(1, 0)), [0]);
    const second = arrive(policy, first.steps, partOf(at(2, 10)), [0]);
    const far = arrive(policy, second.steps, partOf(at(3, 500)), [0]);
    expect([first.reached, second.reached, far.reached]).toEqual([1, 2, 1]);
    const late = arrive(policy, second.steps, partOf(at(3, -400)), [0]);
    expect(late.reached).toBe(1);
  });

  it("keeps no more parts than it can still use, however many come", () => {
    let steps: Steps = [];
    const policy = { least: 5000, within: MINUTE, steps: [ANY] };
    for (let position = 1; position <= 4000; position += 1) {
      steps = arrive(policy, steps, partOf(at(position, position * 10)), [0]).steps;
    }
    // A minute and the quarter of an hour before the newest, both ends included.
    expect(steps[0]).toHaveLength(16 * 6 + 1);
    const small = { ...policy, least: 10, within: 1 };
    for (let position = 1; position <= 2000; position += 1) {
      steps = arrive(small, steps, partOf(at(position, 90_000 + position / 10)), [0]).steps;
    }
    expect(steps[0]).toHaveLength(510);
  });
});

describe("a sequence", () => {
  it("agrees with trying every choice of parts, over random streams out of order", () => {
    let matches = 0;
    for (let seed = 1; seed <= 200; seed += 1) {
      const dice = diceOf(seed);
      const length = 2 + dice.roll(2);
      const policy = { length, least: 1, within: (1 + dice.roll(40)) * 15_000 };
      const stream = randomStream(dice, length, 30);
      const found = matchesOf(stream, policy);
      expect(found, `seed ${seed}`).toEqual(expectedMatches(stream, policy));
      matches += found.filter((match) => match !== null).length;
    }
    expect(matches).toBeGreaterThan(300);
  });

  it("holds exactly at the window's edge, and not a millisecond beyond", () => {
    expect(matchesOf([at(1, 0, 0), at(2, 600, 1)], sequence).at(-1)).toEqual([1, 2]);
    expect(matchesOf([at(1, 0, 0), at(2, 600.001, 1)], sequence).at(-1)).toBeNull();
  });

  it("goes by when things happened: the first step may come last", () => {
    expect(matchesOf([at(1, 700, 1), at(2, 100, 0)], sequence).at(-1)).toEqual([2, 1]);
    expect(matchesOf([at(1, 100, 1), at(2, 700, 0)], sequence).at(-1)).toBeNull();
  });

  it("takes the order of arrival where the times are equal", () => {
    expect(matchesOf([at(1, 5, 0), at(2, 5, 1)], sequence).at(-1)).toEqual([1, 2]);
    expect(matchesOf([at(1, 5, 1), at(2, 5, 0)], sequence).at(-1)).toBeNull();
  });

  it("takes two events, even where one matches both steps", () => {
    expect(matchesOf([at(1, 5, 0, 1)], sequence)).toEqual([null]);
    expect(matchesOf([at(1, 5, 0, 1), at(2, 6, 0, 1)], sequence).at(-1)).toEqual([1, 2]);
  });
});
