import { describe, expect, it } from "vitest";
import { runBatch, runTimers, type CommitBatch, type DecisionStore } from "./runner.ts";
import type { DueCell, LoadedState } from "./state.ts";
import { aContent, anEvent } from "./testing/builders.ts";
import { aConfiguration } from "./testing/stages.ts";
import { stateChanged } from "./view.ts";

const ENTRY = anEvent(9);

function aTimer(key: string, due_at: number): DueCell {
  return { stage: "hours", key, value: {}, alert: null, due_at, at: 0 };
}

/** A store that knows timers alone. Somebody else sets another while timers are looked up. */
class SharedStore implements DecisionStore {
  /** What was decided, in order. */
  readonly decided: string[] = [];
  #version = 1;
  #timers: DueCell[];
  #others: DueCell[];
  readonly #lookedUp: number;
  #lookups = 0;

  /** The other's timer is set right after so many look-ups. */
  constructor(own: DueCell[], others: DueCell[], lookedUp: number) {
    this.#timers = own;
    this.#others = others;
    this.#lookedUp = lookedUp;
  }

  async loadState(): Promise<LoadedState> {
    const nothing = { keys: new Map(), alerts: [], cases: [], held: new Map(), silences: [] };
    return { version: this.#version, cells: this.#timers, ...nothing };
  }

  async dueCells(before: number): Promise<DueCell[]> {
    const due = this.#timers.filter(({ due_at }) => due_at <= before);
    return this.#answer(due.toSorted((a, b) => a.due_at - b.due_at));
  }

  async nextTimer(): Promise<number | null> {
    const times = this.#timers.map(({ due_at }) => due_at);
    return this.#answer(times.length > 0 ? Math.min(...times) : null);
  }

  async commit({ version, decisions, timers }: CommitBatch): Promise<void> {
    if (version !== this.#version) throw stateChanged();
    this.#version += 1;
    this.decided.push(...timers.map(({ cell }) => cell.key));
    this.decided.push(...decisions.map(({ entry }) => entry.key));
    const fired = new Set(timers.map(({ cell }) => cell.key));
    this.#timers = this.#timers.filter(({ key }) => !fired.has(key));
  }

  #answer<Answer>(answer: Answer): Answer {
    this.#lookups += 1;
    if (this.#lookups !== this.#lookedUp) return answer;
    this.#timers = [...this.#timers, ...this.#others];
    this.#version += 1;
    return answer;
  }
}

const partsOf = (store: DecisionStore) => {
  const normalise = () => ({ content: aContent(), subject: null, updates: null, parts: [] });
  return { store, configuration: aConfiguration({ normalise }), documents: () => new Map() };
};

describe("beside another pipeline", () => {
  it.each([1, 2])(
    "an entry comes after a timer that the other has just set (%i)",
    async (times) => {
      const store = new SharedStore([], [aTimer("theirs", ENTRY.received_at)], times);
      await runBatch([ENTRY], partsOf(store), 0);
      expect(store.decided).toEqual(["theirs", ENTRY.key]);
    },
  );

  it.each([1, 2])("a timer comes after an earlier one that the other sets (%i)", async (times) => {
    const store = new SharedStore([aTimer("ours", 20)], [aTimer("theirs", 10)], times);
    await runTimers(30, partsOf(store), 0);
    expect(store.decided).toEqual(["theirs", "ours"]);
  });
});
