/**
 * A store of decisions in memory, for rehearsals: what happens is decided on it by the same code, and
 * forgotten at the end. It keeps what decisions can still depend on, and hands out the messages that
 * would have been sent.
 */
import { numberOf } from "../alert/id.ts";
import type { Decision, TimerDecision } from "../pipeline/decide.ts";
import type { Position } from "../pipeline/entry.ts";
import { isAlive, placeOf } from "../pipeline/flow.ts";
import type { DeliveryId, HeldDelivery, PlannedDelivery } from "../pipeline/outcome.ts";
import { planStatusUpdates } from "../pipeline/pace/status.ts";
import type { CommitBatch, DecisionStore } from "../pipeline/runner.ts";
import {
  holdOf,
  type Cell,
  type CellWrite,
  type DueCell,
  type LoadedState,
  type StateReads,
  type StoredAlert,
} from "../pipeline/state.ts";
import { knownDelivery, StateTables } from "../pipeline/tables.ts";
import { stateChanged } from "../pipeline/view.ts";
import type { CompiledSilence } from "../silence/compile.ts";
import type { SentMessage } from "./message.ts";
import { TimerQueue } from "./timer-queue.ts";

/** A delivery of an alert, as far as it says what its message is about. */
type Telling = Pick<PlannedDelivery, "destination" | "route" | "kind"> & {
  readonly alert: Position;
};

/** After so many decisions alerts are forgotten that nothing speaks of any more. */
const FORGET_EVERY = 2000;

export class MemoryStore implements DecisionStore {
  readonly #tables = new StateTables();
  readonly #timers = new TimerQueue();
  readonly #silences: readonly CompiledSilence[];
  readonly #onMessage: (message: SentMessage) => void;
  /** Alerts of digests, by carrier and destination. */
  readonly #digests = new Map<Position, Map<string, readonly Position[]>>();
  /** Alerts that may be spoken of again though no cell names them. */
  readonly #awaited = new Set<Position>();
  #version = 0;
  #lastId = 0;
  #decided = 0;

  /** `cells` are there from the beginning. */
  constructor(
    silences: readonly CompiledSilence[],
    onMessage: (message: SentMessage) => void = () => {},
    cells: readonly CellWrite[] = [],
  ) {
    this.#silences = silences;
    this.#onMessage = onMessage;
    for (const write of cells) {
      if ("cell" in write) this.#tables.cells.set(holdOf(write.cell), write.cell);
    }
    this.#noteTimers(cells);
  }

  async loadState(reads: StateReads): Promise<LoadedState> {
    const { keys, cells, alerts, cases } = this.#tables;
    return {
      version: this.#version,
      keys: new Map(
        (reads.keys ?? []).flatMap((key) => {
          const position = keys.get(key);
          return position ? [[key, position] as const] : [];
        }),
      ),
      cells: there(reads.cells ?? [], (name) => cells.get(holdOf(name))),
      alerts: there(reads.alerts ?? [], (position) => alerts.get(position)),
      cases: there(reads.cases ?? [], (number) => cases.get(number)),
      held: new Map((reads.holds ?? []).map((hold) => [hold, this.#tables.held(hold)])),
      silences: this.#silences,
    };
  }

  async nextTimer(): Promise<number | null> {
    return this.#settledTop()?.due_at ?? null;
  }

  async dueCells(before: number, limit: number): Promise<DueCell[]> {
    const due: DueCell[] = [];
    for (let top = this.#settledTop(); top && top.due_at <= before; top = this.#settledTop()) {
      this.#timers.pop();
      due.push(top);
      if (due.length === limit) break;
    }
    // They stay set until a commit changes their cells.
    for (const cell of due) this.#timers.push(cell);
    return due;
  }

  async commit({ version, decisions, timers }: CommitBatch): Promise<void> {
    if (version !== this.#version) throw stateChanged();
    this.#version += 1;
    for (const timer of timers) this.#applyTimer(timer);
    for (const decision of decisions) this.#applyDecision(decision);
    this.#decided += decisions.length;
    if (this.#decided < FORGET_EVERY) return;
    this.#decided = 0;
    this.#forget();
  }

  /** Alerts that something still speaks of: the one at a position, or all. */
  alerts(position?: Position): StoredAlert[] {
    const { alerts } = this.#tables;
    const found = position === undefined ? [...alerts.values()] : [alerts.get(position) ?? null];
    return found.filter((alert) => alert !== null);
  }

  /** Keeps an alert that people will change. */
  awaitChange(position: Position): void {
    this.#awaited.add(position);
  }

  /** Changes an alert as people do; those who hear of its status are told at `at`. */
  changeAlert(stored: StoredAlert, at: number, hearsOfStatus: (name: string) => boolean): void {
    this.#version += 1;
    const { position, alert } = stored;
    const isNews = this.#tables.alerts.get(position)?.alert.status !== alert.status;
    const updates = isNews ? planStatusUpdates(stored, hearsOfStatus) : [];
    const deliveries = [...stored.deliveries, ...updates.map(knownDelivery)];
    this.#tables.alerts.set(position, { ...stored, deliveries });
    for (const planned of updates) this.#send({ ...planned, alert: position }, planned.reason, at);
  }

  #applyDecision(decision: Decision): void {
    const now = decision.entry.received_at;
    this.#tables.applyDecision(decision, () => (this.#lastId += 1) as DeliveryId);
    this.#noteTimers(decision.changes.cells);
    if (!isAlive(decision)) return;
    const place = placeOf(decision);
    // Later states of a thing name its alert by the thing's key alone.
    if (decision.updates !== null) this.#awaited.add(place);
    for (const planned of decision.deliveries) {
      if (planned.state !== "pending" || planned.hold !== null) continue;
      this.#send({ ...planned, alert: place }, planned.reason, now);
    }
  }

  #applyTimer(decision: TimerDecision): void {
    const { moves, cells } = decision.changes;
    const folded = new Map<DeliveryId, Position[]>();
    const sent: { held: HeldDelivery; reason: string }[] = [];
    for (const move of moves) {
      const held = this.#tables.findHeld(move.id);
      if (!held) continue;
      if (move.to === "send") sent.push({ held, reason: move.reason });
      if (move.to === "fold") listIn(folded, move.into).push(held.alert);
    }
    this.#tables.applyTimer(decision);
    this.#noteTimers(cells);
    for (const { held, reason } of sent) {
      this.#send(held, reason, decision.cell.due_at, folded.get(held.id));
    }
  }

  #send(telling: Telling, reason: string, at: number, folded: readonly Position[] = []): void {
    this.#tell(telling, this.#membersOf(telling, folded), reason, at);
  }

  /** The carrier, then the others by age. What changes a digest shows all of it. */
  #membersOf(telling: Telling, folded: readonly Position[]): readonly Position[] {
    const { alert, destination, kind } = telling;
    if (kind === "update") return this.#digestOf(telling) ?? [alert];
    const others = new Set(folded);
    others.delete(alert);
    const members = [alert, ...[...others].toSorted((a, b) => a - b)];
    if (kind === "alert" && members.length > 1) {
      const digests = this.#digests.get(alert) ?? new Map<string, readonly Position[]>();
      this.#digests.set(alert, digests.set(destination, members));
    }
    return members;
  }

  /** What the message was that told first of a delivery's alert; undefined for a plain one. */
  #digestOf({ alert, destination }: Telling): readonly Position[] | undefined {
    const deliveries = this.#tables.alerts.get(alert)?.deliveries ?? [];
    const first = deliveries.findLast((known) => {
      return known.destination === destination && known.kind === "alert";
    });
    return this.#digests.get(first?.carrier ?? alert)?.get(destination);
  }

  #tell(
    { destination, route, kind }: Telling,
    positions: readonly Position[],
    reason: string,
    at: number,
  ): void {
    const alerts = there(positions, (position) => this.#tables.alerts.get(position));
    this.#onMessage({
      at,
      destination,
      route,
      kind,
      reason,
      alerts: alerts.map(({ position, alert }) => {
        const { id, title, severity, count } = alert;
        return { position, id, number: numberIn(alert.number, position), title, severity, count };
      }),
    });
  }

  #noteTimers(cells: readonly CellWrite[]): void {
    for (const write of cells) {
      if ("cell" in write && isDue(write.cell)) this.#timers.push(write.cell);
    }
  }

  /** The earliest timer that is still set; those that were set anew since are taken off. */
  #settledTop(): DueCell | undefined {
    for (let top = this.#timers.peek(); top; top = this.#timers.peek()) {
      if (this.#tables.cells.get(holdOf(top)) === top) return top;
      this.#timers.pop();
    }
    return undefined;
  }

  #forget(): void {
    const needed = new Set<Position>([...this.#tables.heldAlerts(), ...this.#awaited]);
    for (const [name, cell] of this.#tables.cells) {
      if (cell === null) this.#tables.cells.delete(name);
      else for (const position of positionsIn(cell)) needed.add(position);
    }
    for (const [carrier, digests] of this.#digests) {
      if (!needed.has(carrier)) this.#digests.delete(carrier);
      else for (const members of digests.values()) for (const one of members) needed.add(one);
    }
    for (const position of this.#tables.alerts.keys()) {
      if (!needed.has(position)) this.#tables.alerts.delete(position);
    }
  }
}

function isDue(cell: Cell): cell is DueCell {
  return cell.due_at !== null;
}

function listIn<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function positionsIn({ alert, stage, value }: Cell): readonly Position[] {
  const own = alert === null ? [] : [alert];
  if (stage === "inhibit" && "alerts" in value) return [...own, ...value.alerts];
  return own;
}

function there<Name, Value>(
  names: readonly Name[],
  find: (name: Name) => Value | null | undefined,
): Value[] {
  return names.flatMap((name) => find(name) ?? []);
}

/** What a rehearsal raised itself lies between two places of the log, and has no number of its own. */
function numberIn(number: string, position: Position): string {
  return Number.isInteger(position) ? number : `behind ${numberOf(Math.floor(position))}`;
}
