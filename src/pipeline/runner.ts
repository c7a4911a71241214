/**
 * The runner: batch from the stream → decide → one transaction.
 *
 * Nothing is kept between batches but the reader's place. When a commit fails, nothing of the batch
 * is stored and the same entries are decided again; `now` is the only thing that may differ.
 */
import type { LogEntry } from "./entry.ts";
import { decideFlows, neededState, readEntries, type Decision } from "./decide.ts";
import type { PipelineConfiguration, StateReads, StateView } from "./flow.ts";

/** What the runner needs of a store. */
export interface DecisionStore {
  loadState(reads: StateReads): Promise<StateView>;
  /** Commits the decisions and the stream's cursor together, or nothing. */
  commitDecisions(decisions: readonly Decision[], now: number): Promise<void>;
}

/** Decides a batch and commits it; answers what was decided. */
export async function runBatch(
  entries: readonly LogEntry[],
  store: DecisionStore,
  configuration: PipelineConfiguration,
  now: number,
): Promise<readonly Decision[]> {
  const flows = readEntries(entries, configuration, now);
  const state = await store.loadState(neededState(flows));
  const decisions = decideFlows(flows, configuration, state, now);
  await store.commitDecisions(decisions, now);
  return decisions;
}
