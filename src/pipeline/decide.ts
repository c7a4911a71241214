/**
 * Runs a batch of entries through the stages, one after the other, each seeing what the ones
 * before it decided. Pure: what it returns depends on its arguments alone.
 */
import type { TraceStep } from "../alert/schema.ts";
import type { LogEntry, Position } from "./entry.ts";
import {
  beginFlow,
  type Flow,
  type PipelineConfiguration,
  type Stage,
  type StateReads,
  type StateView,
  type StoredAlert,
} from "./flow.ts";
import type { Outcome } from "./outcome.ts";
import { correlateStage } from "./stages/correlate.ts";
import { identifyStage } from "./stages/identify.ts";
import { moduleStage } from "./stages/module.ts";
import { normaliseStage } from "./stages/normalise.ts";
import { paceStage } from "./stages/pace.ts";
import { routeStage } from "./stages/route.ts";
import { silenceStage } from "./stages/silence.ts";

/** Stages that need no state; what they make of an entry says which state the others need. */
const READING: readonly Stage[] = [normaliseStage, moduleStage];
const DECIDING: readonly Stage[] = [
  identifyStage,
  correlateStage,
  silenceStage,
  routeStage,
  paceStage,
];

/** A flow that came to its outcome. */
export interface Decision extends Flow {
  readonly outcome: Outcome;
}

const EMPTY_STATE: StateView = { positionOfKey: () => undefined, alertOfSubject: () => undefined };

/** First half: read the entries. No state is needed. */
export function readEntries(
  entries: readonly LogEntry[],
  configuration: PipelineConfiguration,
  now: number,
): Flow[] {
  const context = { now, configuration, state: EMPTY_STATE };
  return entries.map((entry) =>
    READING.reduce((flow, stage) => stage.run(flow, context), beginFlow(entry)),
  );
}

/** Between the halves: what the second needs to know. */
export function neededState(flows: readonly Flow[]): StateReads {
  const readable = flows.filter((flow) => flow.outcome === null);
  return {
    keys: readable.map((flow) => flow.entry.key),
    subjects: readable.flatMap((flow) => (flow.subject === null ? [] : [flow.subject])),
  };
}

/** Second half: decide, in the order of the stream. */
export function decideFlows(
  flows: readonly Flow[],
  configuration: PipelineConfiguration,
  state: StateView,
  now: number,
): Decision[] {
  const view = new BatchView(state);
  return flows.map((flow) => {
    const context = { now, configuration, state: view };
    const decision = concluded(DECIDING.reduce((step, stage) => stage.run(step, context), flow));
    view.note(decision);
    return decision;
  });
}

function concluded(flow: Flow): Decision {
  if (flow.outcome) return { ...flow, outcome: flow.outcome };
  const outcome = { kind: "quarantined", reason: "undecided", detail: "no stage decided" } as const;
  return { ...flow, outcome };
}

/** The loaded state with what this batch decided so far on top of it. */
class BatchView implements StateView {
  readonly #state: StateView;
  readonly #keys = new Map<string, Position>();
  readonly #subjects = new Map<string, StoredAlert>();

  constructor(state: StateView) {
    this.#state = state;
  }

  positionOfKey(key: string): Position | undefined {
    return this.#keys.get(key) ?? this.#state.positionOfKey(key);
  }

  alertOfSubject(subject: string): StoredAlert | undefined {
    return this.#subjects.get(subject) ?? this.#state.alertOfSubject(subject);
  }

  note(decision: Decision): void {
    const { entry, outcome, alert, subject } = decision;
    if (outcome.kind !== "alert" && outcome.kind !== "updated") return;
    const position = outcome.kind === "updated" ? outcome.of : entry.position;
    this.#keys.set(entry.key, position);
    if (subject === null || !alert) return;
    const before = this.alertOfSubject(subject)?.destinations ?? [];
    this.#subjects.set(subject, {
      position,
      alert,
      trace: decision.trace as TraceStep[],
      destinations: [...before, ...decision.deliveries.map(({ destination }) => destination)],
    });
  }
}
