/**
 * Upkeep on the worker thread: retention, and moving committed pages of both files into place so
 * that the threads that write need not.
 *
 * Retention runs in small steps with pauses between them; a step that fails is reported and the
 * next round begins anew.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Database } from "../sqlite/database.ts";
import {
  deleteAttempts,
  deleteEvents,
  selectBodies,
  selectHistory,
  selectQuarantine,
  type RetentionStep,
} from "../store/sqlite/retention.ts";
import { deleteIdleState } from "../store/sqlite/retention-state.ts";
import type { PruneRequest } from "../stream/stream.ts";
import type { Clock } from "../telemetry/clock.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Configuration } from "./configuration.ts";
import type { DataPaths } from "./paths.ts";

const CHECKPOINT_MS = 1000;
const RETENTION_MS = 60_000;
/** Between steps, so that deciding and delivering come first. */
const STEP_PAUSE_MS = 20;

export interface Upkeep {
  stop(): Promise<void>;
}

export interface UpkeepLinks {
  pruneStream(request: PruneRequest): Promise<void>;
}

/** Starts upkeep; it ends with `stop`. */
export function startUpkeep(
  paths: DataPaths,
  retention: Configuration["retention"],
  clock: Clock,
  telemetry: Telemetry,
  links: UpkeepLinks,
): Upkeep {
  const stream = new Database(paths.stream, { autocheckpoint: 0 });
  const store = new Database(paths.store, { autocheckpoint: 0 });
  const stopping = new AbortController();
  const checkpoints = repeat(CHECKPOINT_MS, stopping.signal, async () => stream.checkpoint());
  const progress = { bodies: 0 };
  const { signal } = stopping;
  const rounds = repeat(RETENTION_MS, stopping.signal, async () => {
    try {
      const now = clock.now();
      await applyRetention({ store, retention, telemetry, links, signal, progress }, now);
    } catch (error) {
      if (!stopping.signal.aborted) telemetry.emit({ event: "upkeep_failed", error });
    }
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all([checkpoints, rounds]);
      stream.close();
      store.close();
    },
  };
}

async function repeat(
  every: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await pause(every, undefined, { signal, ref: false }).catch(() => {});
    if (!signal.aborted) await work();
  }
}

export interface RetentionParts {
  readonly store: Database;
  readonly retention: Configuration["retention"];
  readonly telemetry: Telemetry;
  readonly links: UpkeepLinks;
  readonly signal: AbortSignal;
  /** Up to where all bytes are gone; a restart only makes it look again. */
  readonly progress: { bodies: number };
}

/** One round of retention over everything that is old enough at `now`. */
export async function applyRetention(parts: RetentionParts, now: number): Promise<void> {
  const { store, retention, links, signal } = parts;
  const receiptsBefore = now - Math.max(retention.delivered, retention.quarantine);
  await removeBodies(parts, now - retention.raw, receiptsBefore);
  const removeEvents = async (positions: readonly number[]): Promise<void> => {
    await links.pruneStream({ bodies: [], entries: positions, receiptsBefore });
    deleteEvents(store, positions);
  };
  const history = (after: number) => selectHistory(store, after, now - retention.delivered);
  await walk(parts, "delivered", history, removeEvents);
  const quarantine = (after: number) => selectQuarantine(store, after, now - retention.quarantine);
  await walk(parts, "quarantine", quarantine, removeEvents);
  await removeIdleState(parts, now - retention.delivered);
  const attemptsBefore = now - retention.attempts;
  let after: number | null = 0;
  while (after !== null && !signal.aborted) after = deleteAttempts(store, after, attemptsBefore);
}

/** Goes no further than the first event that still waits, and begins there the next time. */
async function removeBodies(
  parts: RetentionParts,
  before: number,
  receiptsBefore: number,
): Promise<void> {
  const { store, links, progress } = parts;
  let isBlocked = false;
  const select = (after: number): RetentionStep => {
    if (isBlocked) return { upTo: null, positions: [], blocked: false };
    const step = selectBodies(store, Math.max(after, progress.bodies), before);
    isBlocked = step.blocked;
    return step;
  };
  await walk(parts, "raw", select, async (positions, upTo) => {
    await links.pruneStream({ bodies: positions, entries: [], receiptsBefore });
    progress.bodies = upTo;
  });
}

async function removeIdleState(
  { store, telemetry, signal }: RetentionParts,
  before: number,
): Promise<void> {
  let removed = 0;
  for (let count = -1; count !== 0 && !signal.aborted;) {
    count = deleteIdleState(store, before);
    removed += count;
    if (count > 0) await pause(STEP_PAUSE_MS, undefined, { ref: false });
  }
  if (removed > 0) telemetry.emit({ event: "retention_applied", kind: "state", removed });
}

async function walk(
  { telemetry, signal }: RetentionParts,
  kind: string,
  select: (after: number) => RetentionStep,
  remove: (positions: readonly number[], upTo: number) => Promise<void>,
): Promise<void> {
  let after = 0;
  let removed = 0;
  while (!signal.aborted) {
    const { upTo, positions } = select(after);
    if (upTo === null) break;
    after = upTo;
    if (positions.length === 0) continue;
    await remove(positions, upTo);
    removed += positions.length;
    await pause(STEP_PAUSE_MS, undefined, { ref: false });
  }
  if (removed > 0) telemetry.emit({ event: "retention_applied", kind, removed });
}
