/**
 * Sliding windows over what matched a correlation's steps, by when it happened.
 *
 * Terms. A *part* is an event that matched a step. Each step has a list of parts, ordered by time
 * and, at one time, by position. A *match* is a set of parts that fulfils the policy; it contains
 * the event at hand, for what was possible without it has been found before. Its parts are used up:
 * they count for no other match.
 *
 * Events may come late and out of order. Parts are kept for the window and 15 minutes before the
 * event at hand, so what comes up to 15 minutes late finds all that belongs to it. What lies behind
 * it was late itself, or the clock was set back since.
 */
import type { Correlation } from "../policies.ts";
import type { CorrelatedPart } from "../state.ts";

/** How late an event may come and still find all parts of its window; milliseconds. */
const LATENESS = 15 * 60_000;
/** Parts of a step that are kept beyond those that a match needs; the oldest go first. */
const MAX_SPARE = 500;

export type Parts = readonly CorrelatedPart[];
/** For each step what matched lately. */
export type Steps = readonly Parts[];

/** What the arrival of an event came to: parts to keep, and the match it completed. */
interface Arrival {
  readonly steps: Steps;
  /** In order; null when there is none. */
  readonly match: Parts | null;
  /** Of a count, the most parts in one window with the event; of a sequence, steps of its longest. */
  readonly reached: number;
}

/** Takes in an event that matches the steps with these indexes. `steps` may be shorter or longer. */
export function arrive(
  policy: Pick<Correlation, "steps" | "least" | "within">,
  steps: Steps,
  event: CorrelatedPart,
  matching: readonly number[],
): Arrival {
  const grown = policy.steps.map((_, index) => {
    const parts = steps[index] ?? [];
    return matching.includes(index) ? insert(parts, event) : parts;
  });
  const { match, reached } =
    policy.steps.length === 1
      ? countMatch(grown[0] ?? [], event, policy)
      : sequenceMatch(grown, event, matching, policy.within);
  return { steps: remaining(grown, match, event, policy), match, reached };
}

/** The earliest window that has enough parts, the event among them. */
function countMatch(
  parts: Parts,
  event: CorrelatedPart,
  { least, within }: Pick<Correlation, "least" | "within">,
): Pick<Arrival, "match" | "reached"> {
  let reached = 0;
  let end = 0;
  for (const [start, { at }] of parts.entries()) {
    if (at > event.at) break;
    while ((parts[end]?.at ?? Number.POSITIVE_INFINITY) <= at + within) end += 1;
    if (at < event.at - within) continue;
    reached = Math.max(reached, end - start);
    if (reached >= least) return { match: parts.slice(start, end), reached };
  }
  return { match: null, reached };
}

/** The event as the latest step it can be, with the parts nearest to it before and after. */
function sequenceMatch(
  steps: Steps,
  event: CorrelatedPart,
  matching: readonly number[],
  within: number,
): Pick<Arrival, "match" | "reached"> {
  let reached = 1;
  for (const index of matching.toSorted((a, b) => b - a)) {
    const before = chain(steps.slice(0, index).toReversed(), event, latestBefore).toReversed();
    const after = chain(steps.slice(index + 1), event, earliestAfter);
    const parts = [...before, event, ...after];
    const length = (parts.at(-1)?.at ?? 0) - (parts[0]?.at ?? 0);
    if (length > within) continue;
    if (parts.length === steps.length) return { match: parts, reached: parts.length };
    reached = Math.max(reached, parts.length);
  }
  return { match: null, reached };
}

type Next = (parts: Parts, from: CorrelatedPart) => CorrelatedPart | undefined;

/** One part of each step in turn, as far as there are any. */
function chain(steps: Steps, from: CorrelatedPart, next: Next): Parts {
  const found: CorrelatedPart[] = [];
  for (const parts of steps) {
    const part = next(parts, found.at(-1) ?? from);
    if (!part) break;
    found.push(part);
  }
  return found;
}

const latestBefore: Next = (parts, from) => parts.findLast((part) => order(part, from) < 0);
const earliestAfter: Next = (parts, from) => parts.find((part) => order(part, from) > 0);

function order(first: CorrelatedPart, second: CorrelatedPart): number {
  return first.at - second.at || first.position - second.position;
}

function insert(parts: Parts, part: CorrelatedPart): Parts {
  const index = parts.findIndex((other) => order(other, part) > 0);
  return index === -1 ? [...parts, part] : parts.toSpliced(index, 0, part);
}

/** What may still become part of a match. */
function remaining(
  steps: Steps,
  match: Parts | null,
  event: CorrelatedPart,
  { least, within }: Pick<Correlation, "least" | "within">,
): Steps {
  const used = new Set(match?.map(({ position }) => position));
  const oldest = event.at - within - LATENESS;
  return steps.map((parts) =>
    parts
      .filter(({ at, position }) => at >= oldest && !used.has(position))
      .slice(-(least + MAX_SPARE)),
  );
}
