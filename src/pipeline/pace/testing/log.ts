/**
 * A log in memory on which routes, what waits and timers are decided as in production, one after the
 * other in the order of time, with all that was told.
 */
import { completeAlert } from "../../../alert/complete.ts";
import { repeatAlert } from "../../../alert/merge.ts";
import type { Alert, AlertContent, Status } from "../../../alert/schema.ts";
import type { CompiledSilence } from "../../../silence/compile.ts";
import { fail } from "../../../errors.ts";
import type { Decision } from "../../decide.ts";
import type { Position } from "../../entry.ts";
import { beginFlow, changed, type Changes, type Flow, type StageContext } from "../../flow.ts";
import { muteOf } from "../../mute.ts";
import type { DeliveryId, DeliveryKind, DeliveryReason, Outcome } from "../../outcome.ts";
import type { CompiledRoute, PipelineConfiguration } from "../../policies.ts";
import { paceStage } from "../../stages/pace.ts";
import { routeStage } from "../../stages/route.ts";
import { holdOf, type Cell, type CellStage, type DueCell, type StateView } from "../../state.ts";
import { StateTables } from "../../tables.ts";
import { aContent, anEvent } from "../../testing/builders.ts";
import { aConfiguration, aSet, runStage } from "../../testing/stages.ts";
import { paceTimers } from "../timers.ts";
import { START } from "./builders.ts";

/** A message that was told; times are milliseconds from `START`. */
export interface ToldMessage {
  readonly at: number;
  readonly destination: string;
  readonly route: string;
  readonly kind: DeliveryKind;
  readonly reason: DeliveryReason;
  readonly cause: string | null;
  /** Positions; the carrier's first. */
  readonly alerts: readonly number[];
}

/** What a delivery has come to. */
export interface LedgerLine {
  readonly id: DeliveryId;
  readonly alert: number;
  readonly destination: string;
  readonly route: string;
  readonly kind: DeliveryKind;
  readonly sequence: number;
  readonly thread: string | null;
  readonly state: "held" | "sent" | "folded" | "suppressed";
  readonly reason: DeliveryReason;
  readonly hold: string | null;
  readonly cause: string | null;
  readonly into: DeliveryId | null;
}

export class PaceLog {
  readonly messages: ToldMessage[] = [];
  readonly ledger = new Map<DeliveryId, LedgerLine>();
  readonly tables = new StateTables();
  silences: readonly CompiledSilence[];
  routes: readonly CompiledRoute[];
  readonly #configuration: PipelineConfiguration;
  #last = 0;

  /** `listeners` are the destinations that hear of status. */
  constructor(
    routes: readonly CompiledRoute[],
    silences: readonly CompiledSilence[] = [],
    listeners: readonly string[] = [],
  ) {
    this.silences = silences;
    this.routes = routes;
    this.#configuration = aConfiguration({
      routes: aSet(...routes),
      route: (name) => this.routes.find((route) => route.name === name),
      hearsOfStatus: (name) => listeners.includes(name),
    });
  }

  /** An event that opens an alert. */
  alert(position: number, at: number, content: Partial<AlertContent> = {}): Decision {
    return this.#enter(position, at, content, { kind: "alert", reason: "new_event" });
  }

  /** An event that repeats an alert. */
  repeat(of: number, at: number, content: Partial<AlertContent> = {}): Decision {
    const place = of as Position;
    return this.#enter(1000 + this.#last, at, content, {
      kind: "repeat",
      reason: "fold_policy",
      of: place,
    });
  }

  /** An event that changes an alert. */
  update(of: number, at: number, content: Partial<AlertContent> = {}): Decision {
    const place = of as Position;
    return this.#enter(1000 + this.#last, at, content, {
      kind: "updated",
      reason: "subject_known",
      of: place,
    });
  }

  /** What somebody does by hand. */
  setStatus(position: number, at: number, status: Status): void {
    this.runTo(at);
    const known = this.tables.alerts.get(position as Position);
    if (!known) return;
    const closed_at = status === "closed" ? START + at : null;
    const alert = { ...known.alert, status };
    this.tables.alerts.set(known.position, { ...known, alert, closed_at });
  }

  /** Ends all silences: what has to be told then is due. */
  endSilences(at: number): void {
    this.runTo(at);
    for (const { silence } of this.silences) {
      const cell = this.tables.cells.get(`silence:${silence.id}`);
      if (cell) this.tables.cells.set(holdOf(cell), { ...cell, due_at: START + at });
    }
    this.silences = [];
    this.runTo(at);
  }

  /** Lets all timers fire that are due by then; those of one time by stage and key. */
  runTo(at: number): void {
    for (let due = this.#nextDue(START + at); due; due = this.#nextDue(START + at)) this.#fire(due);
  }

  /** Holds whose cell has no timer although something waits for it. */
  stranded(): string[] {
    const waiting = [...this.ledger.values()].filter(({ state }) => state === "held");
    const holds = waiting.map(({ hold }) => hold ?? "none");
    return holds.filter((hold) => typeof this.tables.cells.get(hold)?.due_at !== "number");
  }

  /** Messages as texts: `30s slack alert 1,2 group_digest`. */
  get told(): string[] {
    return this.messages.map(
      ({ at, destination, kind, alerts, reason }) =>
        `${at / 1000}s ${destination} ${kind} ${alerts.join(",")} ${reason}`,
    );
  }

  #enter(position: number, at: number, content: Partial<AlertContent>, outcome: Outcome): Decision {
    this.runTo(at);
    const received_at = START + at;
    const entry = { ...anEvent(position), received_at };
    const origin = { position, key: entry.key, receivedAt: received_at };
    const event = completeAlert(aContent(content), origin);
    const alert = "of" in outcome ? this.#merged(outcome.of, event, outcome.kind) : event;
    const context = this.#context(received_at);
    const place = "of" in outcome ? outcome.of : entry.position;
    const begun = { ...beginFlow(entry), document: {}, event, alert, outcome };
    const flow = { ...begun, mute: muteOf(alert, place, {}, context) };
    const paced = runStage(paceStage, runStage(routeStage, flow, context), context);
    const decision = { ...paced, outcome };
    this.#apply(decision, place);
    return decision;
  }

  #merged(of: Position, event: Alert, kind: Outcome["kind"]): Alert {
    const known = this.tables.alerts.get(of);
    if (!known) return event;
    const repeated = repeatAlert(known.alert, event);
    return kind === "updated" ? { ...repeated, status: event.status } : repeated;
  }

  #apply(decision: Decision, place: Position): void {
    const ids: DeliveryId[] = [];
    this.tables.applyDecision(decision, () => {
      const id = ++this.#last as DeliveryId;
      ids.push(id);
      return id;
    });
    for (const [index, planned] of decision.deliveries.entries()) {
      const id = ids[index];
      if (id === undefined) continue;
      const waits = planned.hold === null ? "sent" : "held";
      const state = planned.state === "suppressed" ? "suppressed" : waits;
      const line = { ...planned, id, alert: place, state, into: null } as const;
      this.ledger.set(id, line);
      if (state === "sent") this.#tell(line, [place], decision.entry.received_at);
    }
  }

  #fire(due: DueCell): void {
    const timer = paceTimers.find(({ stage }) => stage === due.stage);
    if (!timer) throw fail("INTERNAL", { component: "test", message: `no timer ${due.stage}` });
    const changes = runStage(
      {
        name: `timer ${due.stage}`,
        needs: (_flow, context) => timer.needs?.(due, context) ?? {},
        run: (flow, context) => changed(flow, timer.fire(due, context)),
      },
      beginFlow(anEvent(1)) satisfies Flow,
      this.#context(due.due_at),
    ).changes;
    this.tables.applyTimer({ cell: due, changes });
    this.#move(changes, due.due_at);
  }

  #move({ moves }: Changes, now: number): void {
    const folded = new Map<DeliveryId, number[]>();
    for (const move of moves) {
      const line = this.ledger.get(move.id);
      if (!line) throw fail("INTERNAL", { component: "test", message: `no delivery ${move.id}` });
      const into = move.to === "fold" ? move.into : null;
      const hold = "hold" in move ? move.hold : null;
      const cause = "cause" in move ? move.cause : null;
      const state = STATES[move.to];
      this.ledger.set(move.id, { ...line, state, reason: move.reason, hold, cause, into });
      if (into === null) continue;
      folded.set(into, folded.get(into) ?? []);
      folded.get(into)?.push(line.alert);
    }
    for (const { id, to } of moves) {
      const line = this.ledger.get(id);
      if (to === "send" && line) this.#tell(line, [line.alert, ...(folded.get(id) ?? [])], now);
    }
  }

  #tell(line: LedgerLine, alerts: readonly number[], now: number): void {
    const { destination, route, kind, reason, cause } = line;
    this.messages.push({ at: now - START, destination, route, kind, reason, cause, alerts });
  }

  #nextDue(before: number): DueCell | undefined {
    const due = [...this.tables.cells.values()].filter(
      (cell): cell is DueCell => !!cell && cell.due_at !== null && cell.due_at <= before,
    );
    return due.toSorted((a, b) => a.due_at - b.due_at || (holdOf(a) < holdOf(b) ? -1 : 1))[0];
  }

  #context(now: number): StageContext {
    return { now, configuration: this.#configuration, state: this.#view() };
  }

  #view(): StateView {
    const { tables, silences } = this;
    return {
      positionOfKey: () => undefined,
      cell: <Stage extends CellStage>(stage: Stage, key: string) =>
        (tables.cells.get(holdOf({ stage, key })) ?? undefined) as Cell<Stage> | undefined,
      alert: (position) => tables.alerts.get(position) ?? undefined,
      case: () => undefined,
      held: (hold) => tables.held(hold),
      document: () => ({}),
      silences,
    };
  }
}

const STATES = { send: "sent", fold: "folded", hold: "held", suppress: "suppressed" } as const;
