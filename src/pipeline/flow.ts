/**
 * What passes through the stages, and what a stage is.
 *
 * A stage is a pure function from flow to flow: given the entry, the state it asked for, the
 * configuration and `now`, it does no I/O, reads no clock and draws no random number. That is why
 * replay, backtest and explain can run the same code as production.
 */
import type { Alert, TraceStep } from "../alert/schema.ts";
import type { CaseWrite } from "../case/case.ts";
import type { LogEntry, Position } from "./entry.ts";
import type { DeliveryMove, Outcome, PlannedDelivery, Routing } from "./outcome.ts";
import type { PipelineConfiguration } from "./policies.ts";
import type { CellStage, CellWrite, DueCell, StateReads, StateView } from "./state.ts";

/**
 * An alert of Tocsin's own, committed with what caused it and appended to the stream after. A
 * notice to operators is *open* from when it is raised until what it tells of is over; while it is
 * open it is not raised again. A match is raised once.
 */
export interface Notice {
  /** Kind of the internal source that reads it. */
  readonly source: "tocsin" | "correlate";
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a decision changes besides its own entry and alert. */
export interface Changes {
  /** In order; a later write of the same cell wins. */
  readonly cells: readonly CellWrite[];
  readonly cases: readonly CaseWrite[];
  readonly moves: readonly DeliveryMove[];
  readonly notices: readonly Notice[];
}

export const NO_CHANGES: Changes = { cells: [], cases: [], moves: [], notices: [] };

/** Why an alert is not told of for now. */
export type Mute =
  | {
      readonly kind: "silence";
      readonly id: string;
      readonly version: number;
      /** When the silence's window ends; epoch milliseconds, Infinity for never. */
      readonly until: number;
      /** What was held is told of when it ends. */
      readonly digest: boolean;
    }
  | { readonly kind: "inhibit"; readonly policy: string; readonly by: Position };

/** An alert in the making. */
export interface Flow {
  readonly entry: LogEntry;
  /** The event's document; null while unread and for quarantine. */
  readonly document: Readonly<Record<string, unknown>> | null;
  /** What the event alone says; null until normalised. */
  readonly event: Alert | null;
  /** The alert as it will be stored: the event's own, or the one it changes with the event merged in. */
  readonly alert: Alert | null;
  /** The thing at the vendor that this event speaks of; later events of it update the alert. */
  readonly subject: string | null;
  /**
   * Key of the first event of the thing that this one is a later state of, for events that have
   * versions; its own when it is the first. Null for all others.
   */
  readonly updates: string | null;
  /** Set by the stage that decides; later stages then leave the flow as it is, unless it routes. */
  readonly outcome: Outcome | null;
  readonly mute: Mute | null;
  readonly routing: Routing | null;
  readonly deliveries: readonly PlannedDelivery[];
  readonly changes: Changes;
  readonly trace: readonly TraceStep[];
}

/** Everything a stage may look at besides the flow. */
export interface StageContext {
  /** The log's time: epoch milliseconds. */
  readonly now: number;
  readonly state: StateView;
  readonly configuration: PipelineConfiguration;
}

export interface Stage {
  readonly name: string;
  /**
   * What has to be loaded before `run`. May look at what is loaded already, and is asked again until
   * it asks for nothing new. Reading what was not asked for is a bug and throws.
   */
  needs?(flow: Flow, context: StageContext): StateReads;
  run(flow: Flow, context: StageContext): Flow;
}

/** What happens when a cell's timer comes. `context.now` is when it was due. */
export interface Timer {
  readonly stage: CellStage;
  needs?(due: DueCell, context: StageContext): StateReads;
  /** Must write or remove the cell, so that the timer does not come again at once. */
  fire(due: DueCell, context: StageContext): Changes;
}

/** Adds a line to the flow's trace. */
export function traced(
  flow: Flow,
  stage: string,
  outcome: string,
  reason: string,
  values: TraceStep["values"] = {},
): Flow {
  return { ...flow, trace: [...flow.trace, { stage, outcome, reason, values }] };
}

/** Adds to what the flow changes. */
export function changed(flow: Flow, changes: Partial<Changes>): Flow {
  return { ...flow, changes: joinChanges(flow.changes, changes) };
}

/** Two sets of changes, one after the other. */
export function joinChanges(first: Changes, second: Partial<Changes>): Changes {
  return {
    cells: [...first.cells, ...(second.cells ?? [])],
    cases: [...first.cases, ...(second.cases ?? [])],
    moves: [...first.moves, ...(second.moves ?? [])],
    notices: [...first.notices, ...(second.notices ?? [])],
  };
}

/** Where the alert of a flow is stored: its own place, or that of the alert it changes. */
export function placeOf({ entry, outcome }: Pick<Flow, "entry" | "outcome">): Position {
  return outcome && "of" in outcome ? outcome.of : entry.position;
}

/** Whether the flow opens or changes an alert, so that the stages behind have something to decide. */
export function isAlive(
  flow: Flow,
): flow is Flow & { readonly alert: Alert; readonly event: Alert } {
  const kind = flow.outcome?.kind;
  const isChanged = kind === "alert" || kind === "updated" || kind === "repeat";
  return isChanged && flow.alert !== null && flow.event !== null;
}

/** A flow at its beginning. */
export function beginFlow(entry: LogEntry): Flow {
  return {
    entry,
    document: null,
    event: null,
    alert: null,
    subject: null,
    updates: null,
    outcome: null,
    mute: null,
    routing: null,
    deliveries: [],
    changes: NO_CHANGES,
    trace: [],
  };
}
