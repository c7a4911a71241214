/**
 * Adds up what is missing, by rule and hour. Counts are exact; examples, and how many groups are kept
 * apart, are bounded: what comes after them is one group without a rule.
 */
import type { MissingReason, ReconcileReport } from "./report.ts";

const HOUR_MS = 3_600_000;
const MOST_EXAMPLES = 5;
const MOST_GROUPS = 2000;

/** An event of the index that the stream does not have. */
export interface MissingEvent {
  readonly key: string;
  readonly stream: string;
  /** The item's name. */
  readonly name: string;
  /** Epoch milliseconds; null when the item does not say. */
  readonly at: number | null;
  /** Whether it is older than what is read on purpose. */
  readonly beforeStart: boolean;
}

interface Group {
  readonly stream: string | null;
  readonly hour: number | null;
  readonly beforeStart: boolean;
  count: number;
  readonly examples: MissingEvent[];
}

/** Why the missing events of a rule are missing. */
export type Explain = (stream: string | null, beforeStart: boolean) => MissingReason;

export class MissingEvents {
  readonly #groups = new Map<string, Group>();

  /** Rules of what is missing, those of which are kept apart. */
  get streams(): ReadonlySet<string> {
    return new Set([...this.#groups.values()].flatMap(({ stream }) => stream ?? []));
  }

  add(event: MissingEvent): void {
    const hour = event.at === null ? null : Math.floor(event.at / HOUR_MS) * HOUR_MS;
    const group = this.#groupOf(event.stream, hour, event.beforeStart);
    group.count += 1;
    if (group.examples.length < MOST_EXAMPLES) group.examples.push(event);
  }

  /** The groups, each with its reason, the oldest first. */
  list(explain: Explain): ReconcileReport["missing"] {
    const groups = [...this.#groups.values()].toSorted((a, b) => (a.hour ?? 0) - (b.hour ?? 0));
    return groups.map(({ stream, hour, beforeStart, count, examples }) => ({
      stream,
      hour: timeOf(hour),
      count,
      reason: explain(stream, beforeStart),
      examples: examples.map(({ key, name, at }) => ({ key, name, at: timeOf(at) })),
    }));
  }

  /** How many there are, exactly, and how many more are from before the start. */
  count(explain: Explain): { readonly missing_count: number; readonly before_start_count: number } {
    const sum = { missing_count: 0, before_start_count: 0 };
    for (const { stream, beforeStart, count } of this.#groups.values()) {
      const reason = explain(stream, beforeStart);
      sum[reason === "before_start" ? "before_start_count" : "missing_count"] += count;
    }
    return sum;
  }

  #groupOf(stream: string, hour: number | null, beforeStart: boolean): Group {
    const known = this.#groups.get(JSON.stringify([stream, hour, beforeStart]));
    if (known) return known;
    const isOver = this.#groups.size >= MOST_GROUPS;
    const own = isOver ? { stream: null, hour: null } : { stream, hour };
    const name = JSON.stringify([own.stream, own.hour, beforeStart]);
    const group = this.#groups.get(name) ?? { ...own, beforeStart, count: 0, examples: [] };
    this.#groups.set(name, group);
    return group;
  }
}

function timeOf(epoch: number | null): string | null {
  return epoch === null ? null : new Date(epoch).toISOString();
}
