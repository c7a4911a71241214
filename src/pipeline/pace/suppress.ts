/** What is muted is suppressed; a silence that ends with a digest can call it back. */
import type { Mute, StageContext } from "../flow.ts";
import type { DeliveryKind, DeliveryReason } from "../outcome.ts";
import { holdOf, type Cell, type CellName } from "../state.ts";

export interface Suppression {
  readonly reason: DeliveryReason;
  /** Id of the silence or name of the policy. */
  readonly cause: string;
  /** The cell that may call it back; null for none. */
  readonly hold: string | null;
  /** When that is; null when nobody knows. */
  readonly due_at: number | null;
}

/**
 * How a muted delivery is recorded. An update is not called back: the next repeat brings the message
 * up to date.
 */
export function suppression(mute: Mute, kind: DeliveryKind): Suppression {
  if (mute.kind === "inhibit") {
    return { reason: "inhibited", cause: mute.policy, hold: null, due_at: null };
  }
  const silenced = { reason: "silence", cause: mute.id } as const;
  const name = silenceCell(mute);
  if (!name || kind === "update") return { ...silenced, hold: null, due_at: null };
  return { ...silenced, hold: holdOf(name), due_at: endOf(mute) };
}

/** The cell whose timer announces what a silence held; null when it ends without a digest. */
export function silenceCell(mute: Mute): CellName<"silence"> | null {
  return mute.kind === "silence" && mute.digest ? { stage: "silence", key: mute.id } : null;
}

/** Id of the silence whose end a delivery with this hold waits for. */
export function silenceOfHold(hold: string): string {
  return hold.slice(holdOf({ stage: "silence", key: "" }).length);
}

/** Sets the timer of a silence's end; null when it ends without a digest. */
export function silenceTimerSet(
  mute: Mute,
  { now }: StageContext,
): { readonly cell: Cell<"silence"> } | null {
  const name = silenceCell(mute);
  if (!name) return null;
  return { cell: { ...name, value: {}, alert: null, due_at: endOf(mute), at: now } };
}

/** Null for a silence without an end; ending it by hand sets the timer. */
function endOf(mute: Mute): number | null {
  return mute.kind === "silence" && Number.isFinite(mute.until) ? mute.until : null;
}
