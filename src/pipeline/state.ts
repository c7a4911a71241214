/**
 * What decisions remember, and how they ask for it.
 *
 * Terms. A *cell* is what one stage remembers under one key: which alert is open for a fingerprint,
 * how many tokens a limit has left. A cell with a `due_at` is a *timer*: when the log's time gets
 * there, its stage is asked what happens. A *hold* is the name of a cell as deliveries carry it that
 * wait for its timer.
 *
 * The log's time is the time at which entries were received; timers fire in their order between
 * entries. So what is decided does not depend on when it is decided, and a replay of the same log
 * comes to the same. Between entries, when the log is read to its end, it is the clock's time.
 */
import type { Alert, ArtifactType, TraceStep } from "../alert/schema.ts";
import type { Case } from "../case/case.ts";
import type { CompiledSilence } from "../silence/compile.ts";
import type { Position } from "./entry.ts";
import type { DeliveryKind, DeliveryState, HeldDelivery } from "./outcome.ts";

/** An event that counts towards a correlation. */
export interface CorrelatedPart {
  readonly position: Position;
  /** Id and title of its event. */
  readonly id: string;
  readonly title: string;
  /** When it happened; epoch milliseconds. */
  readonly at: number;
  /** What it brings to the match; only the first parts keep them. */
  readonly artifacts: readonly {
    readonly type: ArtifactType;
    readonly value: string;
    readonly role: Alert["artifacts"][number]["role"];
  }[];
}

/** What each stage keeps in a cell; the alert a cell speaks of is kept beside the value. */
export interface CellValues {
  /** Key: subject. Its alert is the cell's. */
  readonly subject: Record<string, never>;
  /** Key: policy and values. Its newest alert is the cell's. */
  readonly fold: Record<string, never>;
  /** Key: policy and values. Number of the newest case. */
  readonly case: { readonly case: number };
  /** Key: "". Number of the newest case of all. */
  readonly case_number: { readonly last: number };
  /** Key: policy and values. For each step (a count has one) what matched lately, oldest first. */
  readonly correlate: { readonly steps: readonly (readonly CorrelatedPart[])[] };
  /** Key: policy and values. Alerts that matched `while`, newest last; they may be closed by now. */
  readonly inhibit: { readonly alerts: readonly Position[] };
  /** Key: route and values. When the group last spoke. */
  readonly group: { readonly flushed_at: number | null };
  /** Key: route and group or alert. When it last spoke. */
  readonly remind: { readonly sent_at: number };
  /** Key: route, alert that carries the message, and destination. When it last spoke. */
  readonly update: { readonly sent_at: number };
  /** Key: route and values. Tokens left at a time. */
  readonly limit: { readonly tokens: number; readonly at: number };
  /** Key: route. Due at the next opening. */
  readonly hours: Record<string, never>;
  /** Key: the silence's id. Due when its present window ends. */
  readonly silence: Record<string, never>;
  /** Key: the silence's id. Due when its end is to be announced. */
  readonly silence_reminder: Record<string, never>;
}
export type CellStage = keyof CellValues;

export interface CellName<Stage extends CellStage = CellStage> {
  readonly stage: Stage;
  readonly key: string;
}

export interface Cell<Stage extends CellStage = CellStage> extends CellName<Stage> {
  readonly value: CellValues[Stage];
  /** The alert it speaks of; with it goes the cell. Null for cells that outlive every alert. */
  readonly alert: Position | null;
  /** Epoch milliseconds of the log; null while no timer is set. */
  readonly due_at: number | null;
  /** When it was written last: epoch milliseconds of the log. */
  readonly at: number;
}

/** Writes a cell, or removes it. */
export type CellWrite =
  | { [Stage in CellStage]: { readonly cell: Cell<Stage> } }[CellStage]
  | { readonly remove: CellName };

/** The name that deliveries carry which wait for a cell's timer. */
export function holdOf({ stage, key }: CellName): string {
  return `${stage}:${key}`;
}

/** One key out of several parts, none of which can be mistaken for another. */
export function cellKey(...parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[\\|]/g, "\\$&")).join("|");
}

/** A delivery of a stored alert, as far as decisions look at it. */
export interface KnownDelivery {
  readonly destination: string;
  readonly route: string;
  readonly kind: DeliveryKind;
  readonly sequence: number;
  readonly state: DeliveryState;
  /** Why it is in its state: one of `DELIVERY_REASONS`, or what its last try came to. */
  readonly reason: string;
  readonly hold: string | null;
  /** Of the message that tells of it: that of its carrier when it was folded. */
  readonly thread: string | null;
  /** The alert whose delivery carries the digest that tells of this one; null when it stands alone. */
  readonly carrier: Position | null;
}

/** An alert as it is stored, with what is known of where it went. */
export interface StoredAlert {
  readonly position: Position;
  readonly alert: Alert;
  readonly trace: readonly TraceStep[];
  /** When it was closed by hand or by an update; null while open, or when it arrived closed. */
  readonly closed_at: number | null;
  readonly deliveries: readonly KnownDelivery[];
}

/** State that decisions depend on, as it stands before the entry or timer at hand. */
export interface StateView {
  /** Where a key was first decided; undefined when it is new. */
  positionOfKey(key: string): Position | undefined;
  cell<Stage extends CellStage>(stage: Stage, key: string): Cell<Stage> | undefined;
  alert(position: Position): StoredAlert | undefined;
  case(number: number): Case | undefined;
  /** Deliveries that wait for a cell, in the order of their ids. */
  held(hold: string): readonly HeldDelivery[];
  /** The document of the event that opened an alert; null when its bytes are gone. */
  document(position: Position): Readonly<Record<string, unknown>> | null;
  /** All silences that have not ended for good. */
  readonly silences: readonly CompiledSilence[];
}

/** What has to be loaded before a stage can run. */
export interface StateReads {
  readonly keys?: readonly string[];
  readonly cells?: readonly CellName[];
  readonly alerts?: readonly Position[];
  readonly cases?: readonly number[];
  readonly holds?: readonly string[];
  readonly documents?: readonly Position[];
}

/** A timer that has come: its cell, and when it was due. */
export interface DueCell extends Cell {
  readonly due_at: number;
}

/** What was asked for, as it stood at one version of the state. What is not there is left out. */
export interface LoadedState {
  /** Raised by everything that changes what decisions depend on. */
  readonly version: number;
  readonly keys: ReadonlyMap<string, Position>;
  readonly cells: readonly Cell[];
  readonly alerts: readonly StoredAlert[];
  readonly cases: readonly Case[];
  readonly held: ReadonlyMap<string, readonly HeldDelivery[]>;
  readonly silences: readonly CompiledSilence[];
}
