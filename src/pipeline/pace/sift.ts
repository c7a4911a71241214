/** Which of the deliveries that waited are still to be told, now that their timer has come. */
import type { Position } from "../entry.ts";
import type { Mute, StageContext } from "../flow.ts";
import { muteOf } from "../mute.ts";
import type { DeliveryMove, HeldDelivery } from "../outcome.ts";
import type { CellWrite, StoredAlert } from "../state.ts";
import type { Told } from "./holds.ts";
import { isHeldBack } from "./repeats.ts";
import { silenceOfHold, silenceTimerSet, suppression } from "./suppress.ts";
import { documentFor, toldOf } from "./told.ts";

/** A delivery that goes on, with the alert that it tells of. */
export interface Kept {
  readonly delivery: HeldDelivery;
  readonly told: Told;
}

type Suppress = Omit<Extract<DeliveryMove, { to: "suppress" }>, "id">;

export interface Sifted {
  readonly kept: readonly Kept[];
  /** What becomes of the others. */
  readonly moves: readonly DeliveryMove[];
  readonly cells: readonly CellWrite[];
}

/** Needs all that `needsOfFlush` asks for. In order of the deliveries, in time linear in them. */
export function sift(held: readonly HeldDelivery[], context: StageContext): Sifted {
  const mutes = new Map<Position, Mute | null>();
  const kept: Kept[] = [];
  const moves: DeliveryMove[] = [];
  for (const delivery of held) {
    const told = toldOf(delivery, context);
    const move = told ? endOf(delivery, told, mutes, context) : ALONE;
    if (move) moves.push({ id: delivery.id, ...move });
    else if (told) kept.push({ delivery, told });
  }
  return { kept, moves, cells: timersOf(mutes, context) };
}

/** Without its alert nothing can be decided about a delivery; it goes, and its tries say the rest. */
const ALONE = { to: "send", reason: "first_notification", cause: null } as const;

/** Why a delivery is not told of any more, or not yet; null when it is. */
function endOf(
  delivery: HeldDelivery,
  told: Told,
  mutes: Map<Position, Mute | null>,
  context: StageContext,
): Suppress | null {
  const stored = context.state.alert(delivery.alert);
  if (stored && isOver(delivery, stored)) return dropped(stored);
  if (stored && isTold(delivery, stored)) return replaced(delivery);
  const { position, alert } = told;
  const asked = mutes.get(position);
  const document = documentFor(delivery, context);
  const mute = asked === undefined ? muteOf(alert, position, document, context) : asked;
  mutes.set(position, mute);
  return mute && muted(delivery, mute);
}

/** An update is sent all the same: it shows that the alert was closed. */
function isOver(
  { kind, state, held_at }: HeldDelivery,
  { alert, closed_at }: StoredAlert,
): boolean {
  if (kind === "update") return false;
  if (kind === "reminder") return alert.status !== "new";
  if (state === "suppressed") return alert.status === "closed";
  return closed_at !== null && closed_at > held_at;
}

/** Held back by a silence that did not fit any more when the alert went on, so that it was told then. */
function isTold(
  { state, destination, sequence }: HeldDelivery,
  { deliveries }: StoredAlert,
): boolean {
  if (state !== "suppressed") return false;
  return deliveries.some((later) => {
    const isLater = later.destination === destination && later.sequence > sequence;
    return (
      isLater && later.kind !== "update" && (later.state !== "suppressed" || isHeldBack(later))
    );
  });
}

/** It stays suppressed by its silence, for good. */
function replaced({ hold }: HeldDelivery): Suppress {
  return { to: "suppress", reason: "silence", hold: null, cause: silenceOfHold(hold) };
}

/** What is acknowledged needs no reminder any more. */
function dropped({ alert }: StoredAlert): Suppress {
  const cause = alert.status === "acknowledged" ? "acknowledged" : null;
  return { to: "suppress", reason: "closed_meanwhile", hold: null, cause };
}

function muted({ kind }: HeldDelivery, mute: Mute): Suppress {
  const { reason, hold, cause } = suppression(mute, kind);
  return { to: "suppress", reason, hold, cause };
}

function timersOf(mutes: ReadonlyMap<Position, Mute | null>, context: StageContext): CellWrite[] {
  const silences = new Map<string, CellWrite>();
  for (const mute of mutes.values()) {
    const write = mute && silenceTimerSet(mute, context);
    if (mute?.kind === "silence" && write) silences.set(mute.id, write);
  }
  return [...silences.values()];
}
