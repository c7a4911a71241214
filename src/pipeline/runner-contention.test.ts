import { expect, it } from "vitest";
import { runBatch, runTimers, type CommitBatch, type DecisionStore } from "./runner.ts";
import type { DueCell, LoadedState } from "./state.ts";
import { aContent, anEvent } from "./testing/builders.ts";
import { aConfiguration } from "./testing/stages.ts";
import { stateChanged } from "./view.ts";

/** Somebody else changes the state so often that only so much can be committed in between. */
const ROOM = 3;

class BusyStore implements DecisionStore {
  /** Sizes of what was committed, and how often that was tried. */
  readonly committed: number[] = [];
  tries = 0;
  #timers: DueCell[];

  constructor(timers: readonly DueCell[]) {
    this.#timers = [...timers];
  }

  async loadState(): Promise<LoadedState> {
    const nothing = { keys: new Map(), alerts: [], cases: [], held: new Map(), silences: [] };
    return { version: 1, cells: this.#timers, ...nothing };
  }

  async dueCells(_before: number, limit: number): Promise<DueCell[]> {
    return this.#timers.slice(0, limit);
  }

  async nextTimer(): Promise<number | null> {
    return this.#timers[0]?.due_at ?? null;
  }

  async commit({ decisions, timers }: CommitBatch): Promise<void> {
    this.tries += 1;
    if (this.tries > 100) throw new RangeError("it never ends");
    const size = decisions.length + timers.length;
    if (size > ROOM) throw stateChanged();
    this.committed.push(size);
    this.#timers = this.#timers.slice(timers.length);
  }
}

const partsOf = (store: DecisionStore) => {
  const normalise = () => ({ content: aContent(), subject: null, updates: null, parts: [] });
  return { store, configuration: aConfiguration({ normalise }), documents: () => new Map() };
};

it("decides less at once when others change the state all the time, and so gets through", async () => {
  const store = new BusyStore([]);
  const entries = Array.from({ length: 20 }, (_, index) => anEvent(index + 1));
  const { decisions } = await runBatch(entries, partsOf(store), 0);
  expect(decisions.map(({ entry }) => entry.position)).toEqual(entries.map((e) => e.position));
  expect(store.committed.reduce((sum, size) => sum + size)).toBe(20);
});

it("lets fewer timers fire at once then", async () => {
  const timers = Array.from({ length: 20 }, (_, index): DueCell => {
    return { stage: "hours", key: `r${index}`, value: {}, alert: null, due_at: index, at: 0 };
  });
  const store = new BusyStore(timers);
  const fired = await runTimers(100, partsOf(store), 0);
  expect(fired.map(({ cell }) => cell.key)).toEqual(timers.map(({ key }) => key));
  expect(store.committed.every((size) => size <= ROOM)).toBe(true);
});
