/**
 * What passes through the stages, and what a stage is.
 *
 * A stage is a pure function from flow to flow: given the entry, the state it asked for, the
 * configuration and `now`, it does no I/O, reads no clock and draws no random number. That is why
 * replay and explain can run the same code as production.
 */
import type { Alert, AlertContent, TraceStep } from "../alert/schema.ts";
import type { KqlPredicate } from "../kql/index.ts";
import type { LogEntry, Position } from "./entry.ts";
import type { Outcome, PlannedDelivery, Routing } from "./outcome.ts";

/** An alert in the making. */
export interface Flow {
  readonly entry: LogEntry;
  /** The event's document; null while unread and for quarantine. */
  readonly document: Readonly<Record<string, unknown>> | null;
  /** Null until normalised. */
  readonly alert: Alert | null;
  /** The thing at the vendor that this event speaks of; later events of it update the alert. */
  readonly subject: string | null;
  /** Set by the stage that decides; later stages then leave the flow as it is, unless it routes. */
  readonly outcome: Outcome | null;
  readonly routing: Routing | null;
  readonly deliveries: readonly PlannedDelivery[];
  readonly trace: readonly TraceStep[];
}

/** An alert as it is stored, with what is known of where it went. */
export interface StoredAlert {
  readonly position: Position;
  readonly alert: Alert;
  readonly trace: readonly TraceStep[];
  /** Destinations that have a delivery of it, in any state. */
  readonly destinations: readonly string[];
}

/** State that decisions depend on, as it stands before the entry at hand. */
export interface StateView {
  /** Where a key was first decided; undefined when it is new. */
  positionOfKey(key: string): Position | undefined;
  /** The alert a subject has; undefined when it has none. */
  alertOfSubject(subject: string): StoredAlert | undefined;
}

/** What has to be loaded before a batch can be decided. */
export interface StateReads {
  readonly keys: readonly string[];
  readonly subjects: readonly string[];
}

export interface CompiledRoute {
  readonly name: string;
  /** As written in the configuration, for the trace. */
  readonly match: string;
  readonly matches: KqlPredicate;
  readonly to: readonly string[];
  readonly continue: boolean;
  readonly shadow: boolean;
  readonly default: boolean;
}

/** What a source made of an entry; `fields` is what queries see besides the alert. */
export interface NormalisedEntry {
  readonly content: AlertContent;
  readonly subject: string | null;
}

/** The configuration, compiled for the stages. */
export interface PipelineConfiguration {
  /** Throws when the source's code fails on the document; the entry is then quarantined. */
  normalise(entry: LogEntry, document: Readonly<Record<string, unknown>>): NormalisedEntry;
  readonly routes: readonly CompiledRoute[];
  /** Takes what Tocsin itself raises; null when the configuration has no such route. */
  readonly operators: CompiledRoute | null;
  /** Fields whose values make a destination's thread key; undefined when it has none. */
  threadFields(destination: string): readonly string[] | undefined;
}

/** Everything a stage may look at besides the flow. */
export interface StageContext {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly state: StateView;
  readonly configuration: PipelineConfiguration;
}

export interface Stage {
  readonly name: string;
  run(flow: Flow, context: StageContext): Flow;
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

/** A flow at its beginning. */
export function beginFlow(entry: LogEntry): Flow {
  return {
    entry,
    document: null,
    alert: null,
    subject: null,
    outcome: null,
    routing: null,
    deliveries: [],
    trace: [],
  };
}
