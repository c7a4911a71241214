/**
 * Runs entries and timers through the stages, one after the other, each seeing what the ones before
 * it decided. What is decided depends on the arguments and the loaded state alone.
 */
import { messageOf } from "../errors.ts";
import type { LogEntry } from "./entry.ts";
import {
  beginFlow,
  traced,
  type Changes,
  type Flow,
  type Notice,
  type Stage,
  type StageContext,
  type Timer,
} from "./flow.ts";
import type { Outcome } from "./outcome.ts";
import { paceTimers } from "./pace/timers.ts";
import type { PipelineConfiguration } from "./policies.ts";
import { caseStage } from "./stages/case.ts";
import { correlateStage } from "./stages/correlate.ts";
import { foldStage } from "./stages/fold.ts";
import { identifyStage } from "./stages/identify.ts";
import { moduleStage } from "./stages/module.ts";
import { normaliseStage } from "./stages/normalise.ts";
import { paceStage } from "./stages/pace.ts";
import { routeStage } from "./stages/route.ts";
import { silenceReminderTimer, silenceStage } from "./stages/silence.ts";
import { holdOf, type CellWrite, type DueCell, type StateReads } from "./state.ts";
import type { View } from "./view.ts";

/** Stages that need no state. */
const READING: readonly Stage[] = [normaliseStage, moduleStage];
const DECIDING: readonly Stage[] = [
  identifyStage,
  foldStage,
  correlateStage,
  caseStage,
  silenceStage,
  routeStage,
  paceStage,
];
/** How long after it broke a timer comes again. */
const TIMER_AGAIN_MS = 5 * 60_000;

const TIMERS: readonly Timer[] = [...paceTimers, silenceReminderTimer];

/** So many deliveries are enough for one transaction: in the morning, all routes open at once. */
const MANY_MOVES = 1000;

/** A flow that came to its outcome. */
export interface Decision extends Flow {
  readonly outcome: Outcome;
}

/** What a timer came to. */
export interface TimerDecision {
  readonly cell: DueCell;
  readonly changes: Changes;
}

/** What deciding works on. */
export interface Desk {
  readonly view: View;
  readonly configuration: PipelineConfiguration;
  /** Loads into the view. */
  load(reads: Required<StateReads>): Promise<void>;
}

/** First half: read the entries. No state is needed. */
export function readEntries(
  entries: readonly LogEntry[],
  configuration: PipelineConfiguration,
  view: View,
): Flow[] {
  return entries.map((entry) => {
    const context = { now: entry.received_at, configuration, state: view };
    return READING.reduce((flow, stage) => stage.run(flow, context), beginFlow(entry));
  });
}

/**
 * Second half: decide, in the order of the stream. Ends before the first entry that a timer comes
 * before: one that is due at or before `timer`, or was set on the way.
 */
export async function decideEntries(
  flows: readonly Flow[],
  desk: Desk,
  timer: number,
): Promise<Decision[]> {
  await prefetch(flows, desk);
  const decisions: Decision[] = [];
  for (const flow of flows) {
    const now = flow.entry.received_at;
    if (now >= Math.min(timer, desk.view.nextTimer)) break;
    const decision = await decideEntry(flow, desk, now);
    desk.view.noteDecision(decision);
    decisions.push(decision);
  }
  return decisions;
}

/** Loads for all at once what nearly every entry needs. */
async function prefetch(flows: readonly Flow[], desk: Desk): Promise<void> {
  const reads = flows.map((flow) => {
    return identifyStage.needs?.(flow, askingContext(desk, flow.entry.received_at)) ?? {};
  });
  const missing = desk.view.missing({
    keys: reads.flatMap(({ keys }) => keys ?? []),
    cells: reads.flatMap(({ cells }) => cells ?? []),
  });
  if (missing) await desk.load(missing);
}

async function decideEntry(begun: Flow, desk: Desk, now: number): Promise<Decision> {
  const context = contextOf(desk, now);
  let flow = begun;
  for (const stage of DECIDING) {
    const before = flow;
    const asked = await loadNeeds((asking) => stage.needs?.(before, asking), desk, now);
    const ran = asked.ok ? attempt(() => stage.run(before, context)) : asked;
    // An entry that breaks a stage's code must not stop the log behind it.
    if (!ran.ok) return quarantined(begun, stage.name, ran.error);
    flow = ran.value;
  }
  return concluded(flow);
}

function quarantined(begun: Flow, stage: string, error: unknown): Decision {
  const detail = `${stage}: ${messageOf(error)}`;
  const outcome = { kind: "quarantined", reason: "stage_failed", detail } as const;
  const broken = traced(beginFlow(begun.entry), stage, "quarantined", "stage_failed", { detail });
  return { ...broken, outcome };
}

/** What pure code came to: a value, or the error of a bug in it. */
type Attempt<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: unknown };

function attempt<Value>(work: () => Value): Attempt<Value> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, error };
  }
}

/** Asks until nothing is missing: what was loaded may show what else is needed. */
async function loadNeeds(
  needs: (asking: StageContext) => StateReads | undefined,
  desk: Desk,
  now: number,
): Promise<Attempt<null>> {
  for (;;) {
    const asked = attempt(() => needs(askingContext(desk, now)));
    if (!asked.ok) return asked;
    const missing = asked.value && desk.view.missing(asked.value);
    if (!missing) return { ok: true, value: null };
    await desk.load(missing);
  }
}

function concluded(flow: Flow): Decision {
  if (flow.outcome) return { ...flow, outcome: flow.outcome };
  const outcome = { kind: "quarantined", reason: "undecided", detail: "no stage decided" } as const;
  return { ...flow, outcome };
}

/**
 * Lets timers fire, in their order. Ends early when one of them set a timer that comes before the
 * next, or changed its cell, or when many deliveries were moved; what is left is asked for again.
 */
export async function decideTimers(due: readonly DueCell[], desk: Desk): Promise<TimerDecision[]> {
  const decisions: TimerDecision[] = [];
  let moved = 0;
  for (const cell of due) {
    if (desk.view.nextTimer <= cell.due_at || moved >= MANY_MOVES) break;
    await loadNeeds(() => ({ cells: [cell] }), desk, cell.due_at);
    if (desk.view.cell(cell.stage, cell.key)?.due_at !== cell.due_at) break;
    const decision = await decideTimer(cell, desk);
    desk.view.noteTimer(decision);
    decisions.push(decision);
    moved += decision.changes.moves.length;
  }
  return decisions;
}

async function decideTimer(cell: DueCell, desk: Desk): Promise<TimerDecision> {
  const context = contextOf(desk, cell.due_at);
  const timer = TIMERS.find(({ stage }) => stage === cell.stage);
  // A timer of a stage that this version does not know waits for nobody; it is put out.
  if (!timer) return { cell, changes: putOut(cell) };
  const asked = await loadNeeds((asking) => timer.needs?.(cell, asking), desk, cell.due_at);
  const fired = asked.ok ? attempt(() => timer.fire(cell, context)) : asked;
  return { cell, changes: fired.ok ? fired.value : putOff(cell, fired.error) };
}

/** A timer that breaks its stage's code must not stop the log: it comes again, and operators hear. */
function putOff(cell: DueCell, error: unknown): Changes {
  const later = { ...cell, due_at: cell.due_at + TIMER_AGAIN_MS };
  const hold = holdOf(cell);
  const notice: Notice = {
    source: "tocsin",
    key: `timer-failed:${hold}`,
    body: {
      title: `What waits for ${hold} could not be decided`,
      description:
        "It is tried again every five minutes. This is a bug in Tocsin; please report it.",
      reason: messageOf(error),
      severity: "high",
      at: new Date(cell.due_at).toISOString(),
    },
  };
  // Its value is that of its stage, which the type of a cell of any stage does not say.
  return { cells: [{ cell: later } as CellWrite], cases: [], moves: [], notices: [notice] };
}

function putOut({ stage, key }: DueCell): Changes {
  return { cells: [{ remove: { stage, key } }], cases: [], moves: [], notices: [] };
}

function askingContext({ view, configuration }: Desk, now: number): StageContext {
  return { now, configuration, state: view.sofar };
}

function contextOf({ view, configuration }: Desk, now: number): StageContext {
  return { now, configuration, state: view };
}
