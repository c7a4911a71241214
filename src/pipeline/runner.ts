/**
 * The runner: entries and timers, in the order of the log's time → decide → one transaction.
 *
 * Nothing is kept between batches but the reader's place. When a commit fails, nothing of the batch
 * is stored and the same entries are decided again; when it fails because somebody else changed the
 * state meanwhile, they are decided again at once, on the state as it is now.
 */
import { TocsinError } from "../errors.ts";
import {
  decideEntries,
  decideTimers,
  readEntries,
  type Decision,
  type Desk,
  type TimerDecision,
} from "./decide.ts";
import type { LogEntry } from "./entry.ts";
import type { PipelineConfiguration } from "./policies.ts";
import type { DueCell, LoadedState, StateReads } from "./state.ts";
import { View } from "./view.ts";

/** What is committed together, or not at all. */
export interface CommitBatch {
  /** Version of the state that it was decided on. */
  readonly version: number;
  /** In the order of the stream; the cursor moves behind the last. */
  readonly decisions: readonly Decision[];
  readonly timers: readonly TimerDecision[];
}

/** What the runner needs of a store. */
export interface DecisionStore {
  /** Everything in it is of one version. */
  loadState(reads: StateReads): Promise<LoadedState>;
  /** Timers that are due at or before a time, the earliest first; at one time by stage and key. */
  dueCells(before: number, limit: number): Promise<readonly DueCell[]>;
  /** When the next timer is due; null when none is set. */
  nextTimer(): Promise<number | null>;
  /**
   * `now` is the clock's time, from which deliveries are due. Rejects with STATE_CHANGED, and stores
   * nothing, when the state is of another version by now: decide again.
   */
  commit(batch: CommitBatch, now: number): Promise<void>;
}

/** Documents of events, by the positions of the alerts they opened; what is gone is left out. */
export type DocumentReader = (
  positions: readonly number[],
) => ReadonlyMap<number, Readonly<Record<string, unknown>>>;

export interface RunnerParts {
  readonly store: DecisionStore;
  readonly configuration: PipelineConfiguration;
  readonly documents: DocumentReader;
}

/** What a run came to. */
export interface Ran {
  readonly decisions: readonly Decision[];
  readonly timers: readonly TimerDecision[];
}

/** Timers that share a transaction. */
const TIMER_BATCH = 256;

/**
 * Decides entries and the timers that come before them, and commits both; `now` is the clock's time.
 * Timers behind the last entry are left for `runTimers`.
 */
export async function runBatch(
  entries: readonly LogEntry[],
  parts: RunnerParts,
  now: number,
): Promise<Ran> {
  const decisions: Decision[] = [];
  const timers: TimerDecision[] = [];
  for (let rest = entries; rest[0]; rest = entries.slice(decisions.length)) {
    timers.push(...(await runTimers(rest[0].received_at, parts, now)));
    decisions.push(...(await runEntries(rest, parts, now)));
  }
  return { decisions, timers };
}

/** Lets every timer fire that is due at or before a time of the log, and commits what they come to. */
export async function runTimers(
  before: number,
  parts: RunnerParts,
  now: number,
): Promise<readonly TimerDecision[]> {
  const fired: TimerDecision[] = [];
  for (;;) {
    const next = await parts.store.nextTimer();
    if (next === null || next > before) return fired;
    const decisions = await again(TIMER_BATCH, async (most) => {
      const desk = await openDesk(parts);
      const due = await parts.store.dueCells(before, most);
      const timers = await decideTimers(due, desk);
      if (timers.length > 0) await commit(desk, { decisions: [], timers }, parts, now);
      return timers;
    });
    fired.push(...decisions);
  }
}

async function runEntries(
  entries: readonly LogEntry[],
  parts: RunnerParts,
  now: number,
): Promise<readonly Decision[]> {
  return again(entries.length, async (most) => {
    const desk = await openDesk(parts);
    const flows = readEntries(entries.slice(0, most), parts.configuration, desk.view);
    const timer = (await parts.store.nextTimer()) ?? Number.POSITIVE_INFINITY;
    const decisions = await decideEntries(flows, desk, timer);
    if (decisions.length > 0) await commit(desk, { decisions, timers: [] }, parts, now);
    return decisions;
  });
}

/**
 * Its version is that of the state before timers are looked up: one that somebody else sets after
 * that is not overlooked, for then the state is of another version.
 */
async function openDesk({ store, configuration, documents }: RunnerParts): Promise<Desk> {
  const view = new View();
  const load = async (reads: Required<StateReads>): Promise<void> => {
    const texts = reads.documents.length > 0 ? documents(reads.documents) : new Map();
    view.add(reads, await store.loadState(reads), texts);
  };
  const nothing = view.missing({});
  if (nothing) await load(nothing);
  return { view, configuration, load };
}

async function commit(
  { view }: Desk,
  decided: Omit<CommitBatch, "version">,
  { store }: RunnerParts,
  now: number,
): Promise<void> {
  await store.commit({ version: view.version ?? 0, ...decided }, now);
}

/**
 * Until it was decided on the state as it is; each time half as much, so that it gets through between
 * the changes of somebody who makes many.
 */
async function again<Result>(
  all: number,
  work: (most: number) => Promise<Result>,
): Promise<Result> {
  for (let most = all; ; most = Math.ceil(most / 2)) {
    try {
      return await work(most);
    } catch (error) {
      if (!(error instanceof TocsinError && error.code === "STATE_CHANGED")) throw error;
    }
  }
}
