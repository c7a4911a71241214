/**
 * State in memory, and what decisions make of it. A batch sees through it what it decided so far;
 * a rehearsal has nothing else.
 */
import type { Case } from "../case/case.ts";
import type { Decision, TimerDecision } from "./decide.ts";
import type { Position } from "./entry.ts";
import { isAlive, placeOf, type Changes } from "./flow.ts";
import type { DeliveryId, DeliveryMove, HeldDelivery, PlannedDelivery } from "./outcome.ts";
import {
  holdOf,
  type Cell,
  type CellWrite,
  type KnownDelivery,
  type StoredAlert,
} from "./state.ts";

/** Null stands for what is known not to be there. */
export class StateTables {
  readonly keys = new Map<string, Position | null>();
  /** By the names that holds have. */
  readonly cells = new Map<string, Cell | null>();
  readonly alerts = new Map<Position, StoredAlert | null>();
  readonly cases = new Map<number, Case | null>();
  readonly #held = new Map<string, Map<DeliveryId, HeldDelivery>>();
  readonly #holdOf = new Map<DeliveryId, string>();

  /** Deliveries that wait for a cell, in the order of their ids. */
  held(hold: string): readonly HeldDelivery[] {
    const waiting = [...(this.#held.get(hold)?.values() ?? [])];
    return waiting.toSorted((a, b) => a.id - b.id);
  }

  /** A delivery that is held; undefined when it is not. */
  findHeld(id: DeliveryId): HeldDelivery | undefined {
    return this.#held.get(this.#holdOf.get(id) ?? "")?.get(id);
  }

  /** Positions of the alerts that deliveries wait for. */
  heldAlerts(): Position[] {
    return [...this.#held.values()].flatMap((waiting) =>
      [...waiting.values()].map(({ alert }) => alert),
    );
  }

  /** Puts a delivery into its hold, or back there. */
  hold(delivery: HeldDelivery): void {
    const waiting = this.#held.get(delivery.hold) ?? new Map<DeliveryId, HeldDelivery>();
    this.#held.set(delivery.hold, waiting.set(delivery.id, delivery));
    this.#holdOf.set(delivery.id, delivery.hold);
  }

  /**
   * Takes an entry's decision over. With `nextId`, deliveries that it holds are known from now on;
   * without, they are known once they are stored.
   */
  applyDecision(decision: Decision, nextId?: () => DeliveryId): void {
    const { entry, alert } = decision;
    if (!isAlive(decision) || !alert) return;
    const place = placeOf(decision);
    this.keys.set(entry.key, place);
    this.#storeAlert(decision, place);
    this.#applyChanges(decision.changes, entry.received_at);
    if (!nextId) return;
    for (const planned of decision.deliveries) {
      const id = nextId();
      if (planned.hold !== null)
        this.hold(heldDelivery(planned, planned.hold, id, place, entry.received_at));
    }
  }

  /** Takes over what a timer came to. */
  applyTimer({ cell, changes }: TimerDecision): void {
    this.#applyChanges(changes, cell.due_at);
  }

  #storeAlert(decision: Decision, place: Position): void {
    const { entry, alert, trace, deliveries } = decision;
    if (!alert) return;
    const before = this.alerts.get(place);
    this.alerts.set(place, {
      position: place,
      alert,
      trace,
      closed_at: closedAt(before ?? null, alert.status, entry.received_at),
      deliveries: [...(before?.deliveries ?? []), ...deliveries.map(knownDelivery)],
    });
  }

  #applyChanges({ cells, cases, moves }: Changes, now: number): void {
    for (const write of cells) this.#writeCell(write);
    for (const { case: changed } of cases) this.cases.set(changed.number, changed);
    const before = new Map(moves.map(({ id }) => [id, this.findHeld(id)]));
    for (const move of moves) {
      const delivery = before.get(move.id);
      if (delivery) this.#move(delivery, move, now, before);
    }
  }

  #writeCell(write: CellWrite): void {
    if ("remove" in write) this.cells.set(holdOf(write.remove), null);
    else this.cells.set(holdOf(write.cell), write.cell);
  }

  #move(
    delivery: HeldDelivery,
    move: DeliveryMove,
    now: number,
    before: ReadonlyMap<DeliveryId, HeldDelivery | undefined>,
  ): void {
    this.#held.get(delivery.hold)?.delete(delivery.id);
    this.#holdOf.delete(delivery.id);
    const hold = "hold" in move ? move.hold : null;
    const state = move.to === "suppress" ? "suppressed" : "pending";
    if (hold !== null) this.hold({ ...delivery, state, hold, held_at: now });
    const message = move.to === "fold" ? before.get(move.into) : undefined;
    const carrier = message?.alert ?? null;
    const { thread } = message ?? delivery;
    const { reason } = move;
    const after = move.to === "fold" ? "folded" : state;
    this.#changeKnown(delivery, { state: after, reason, hold, thread, carrier });
  }

  #changeKnown(
    { alert, destination, sequence }: HeldDelivery,
    change: Pick<KnownDelivery, "state" | "reason" | "hold" | "thread" | "carrier">,
  ): void {
    const stored = this.alerts.get(alert);
    if (!stored) return;
    const deliveries = stored.deliveries.map((known) => {
      const isMeant = known.destination === destination && known.sequence === sequence;
      return isMeant ? { ...known, ...change } : known;
    });
    this.alerts.set(alert, { ...stored, deliveries });
  }
}

/** When an alert was closed: by the change that closes it, not when it came closed already. */
export function closedAt(
  before: Pick<StoredAlert, "alert" | "closed_at"> | null,
  status: string,
  now: number,
): number | null {
  if (!before || status !== "closed") return null;
  return before.alert.status === "closed" ? before.closed_at : now;
}

/** A delivery as decisions look at it from when it is planned. */
export function knownDelivery(planned: PlannedDelivery): KnownDelivery {
  const { destination, route, kind, sequence, state, reason, hold, thread } = planned;
  return { destination, route, kind, sequence, state, reason, hold, thread, carrier: null };
}

function heldDelivery(
  planned: PlannedDelivery,
  hold: string,
  id: DeliveryId,
  alert: Position,
  now: number,
): HeldDelivery {
  const { destination, route, kind, sequence, thread, state } = planned;
  return { id, alert, destination, route, kind, sequence, thread, state, hold, held_at: now };
}
