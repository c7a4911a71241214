/**
 * Runs entries and timers through the stages, one after the other, each seeing what the ones before
 * it decided. What is decided depends on the arguments and the loaded state alone.
 */
import type { LogEntry } from "./entry.ts";
import {
  beginFlow,
  type Changes,
  type Flow,
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
import type { DueCell, StateReads } from "./state.ts";
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
const TIMERS: readonly Timer[] = [...paceTimers, silenceReminderTimer];

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
    await loadNeeds((asking) => stage.needs?.(flow, asking), desk, now);
    flow = stage.run(flow, context);
  }
  return concluded(flow);
}

/** Asks until nothing is missing: what was loaded may show what else is needed. */
async function loadNeeds(
  needs: (asking: StageContext) => StateReads | undefined,
  desk: Desk,
  now: number,
): Promise<void> {
  for (;;) {
    const reads = needs(askingContext(desk, now));
    const missing = reads && desk.view.missing(reads);
    if (!missing) return;
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
 * next, or changed its cell; what is left is asked for again.
 */
export async function decideTimers(due: readonly DueCell[], desk: Desk): Promise<TimerDecision[]> {
  const decisions: TimerDecision[] = [];
  for (const cell of due) {
    if (desk.view.nextTimer <= cell.due_at) break;
    await loadNeeds(() => ({ cells: [cell] }), desk, cell.due_at);
    if (desk.view.cell(cell.stage, cell.key)?.due_at !== cell.due_at) break;
    const decision = await decideTimer(cell, desk);
    desk.view.noteTimer(decision);
    decisions.push(decision);
  }
  return decisions;
}

async function decideTimer(cell: DueCell, desk: Desk): Promise<TimerDecision> {
  const context = contextOf(desk, cell.due_at);
  const timer = TIMERS.find(({ stage }) => stage === cell.stage);
  // A timer of a stage that this version does not know waits for nobody; it is put out.
  if (!timer) return { cell, changes: putOut(cell) };
  await loadNeeds((asking) => timer.needs?.(cell, asking), desk, cell.due_at);
  return { cell, changes: timer.fire(cell, context) };
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
