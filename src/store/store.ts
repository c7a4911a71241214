/**
 * The store: what was decided, what is to be sent, and what became of it. Its ledger is what the
 * audit checks against the stream.
 *
 * A delivery's states:
 *
 *     (planned) ──▶ pending ──▶ delivered
 *         │            ├──────▶ dead ──(replay)──▶ pending
 *         └──▶ suppressed / folded
 *
 * - *pending*: due at a time; claimed by at most one worker at a time; a failed try leaves it
 *   pending with a later due time.
 * - *delivered*, *dead*, *suppressed*, *folded* are terminal until somebody replays them.
 *
 * Guarantees, which `conformance.ts` proves of every driver:
 * - `commitDecisions` is all or nothing, together with the stream's cursor; an entry that is
 *   committed already is skipped, so deciding a batch again after a crash changes nothing.
 * - A key has one alert: a decision whose key is there already is stored as a duplicate.
 * - `claimDeliveries` gives a pending delivery to one claimant until it is recorded, released, or
 *   the store is opened again after a crash.
 * - Of one destination and thread only the oldest pending delivery can be claimed.
 */
import type { Alert } from "../alert/schema.ts";
import type { Decision } from "../pipeline/decide.ts";
import type { Position } from "../pipeline/entry.ts";
import type { StateReads, StateView } from "../pipeline/flow.ts";

export type DeliveryId = number & { readonly __brand: "DeliveryId" };

/** A delivery that a worker may try now. */
export interface Claim {
  readonly id: DeliveryId;
  readonly destination: string;
  readonly alert: Alert;
  readonly thread: string | null;
  /** What the newest delivered message of the thread asked to remember. */
  readonly memory: string | null;
  /** Tries so far. */
  readonly attempts: number;
  /** Epoch milliseconds; `give_up_after` counts from here. */
  readonly created_at: number;
}

/** One try, as it is recorded. */
export interface Attempt {
  readonly verdict: "delivered" | "retry" | "reject";
  readonly reason: string;
  readonly status: number | null;
  /** Milliseconds. */
  readonly duration: number;
  readonly error: string | null;
}

/** What a try came to. */
export type DeliveryResult = {
  readonly claim: Claim;
  /** Null when it was given up without another try. */
  readonly attempt: Attempt | null;
  /** Epoch milliseconds. */
  readonly at: number;
} & (
  | { readonly next: "delivered"; readonly remember: string | null }
  | { readonly next: "pending"; readonly due_at: number }
  | { readonly next: "dead"; readonly reason: string }
);

/**
 * An alert of Tocsin's own, committed with what caused it and appended to the stream after.
 * *Open* from when it is raised until what it tells of is over; while it is open it is not raised
 * again. *Settled* once the stream has taken it.
 */
export interface Notice {
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RaisedNotice extends Notice {
  /** Epoch milliseconds; with the key it identifies the notice in the stream. */
  readonly raised_at: number;
}

export interface Store {
  /** Position of the last entry that was decided. */
  cursor(): Promise<Position>;
  loadState(reads: StateReads): Promise<StateView>;
  commitDecisions(decisions: readonly Decision[], now: number): Promise<void>;
  /** At most `limit` deliveries of a destination that are due, in order. */
  claimDeliveries(destination: string, now: number, limit: number): Promise<readonly Claim[]>;
  /** Gives claims back untried. */
  releaseClaims(claims: readonly Claim[]): Promise<void>;
  /** Records results in one transaction, with the notices that they give rise to. */
  recordResults(results: readonly DeliveryResult[], notices: readonly Notice[]): Promise<void>;
  /** When the next pending delivery that is not claimed falls due; null when there is none. */
  nextDue(destination: string): Promise<number | null>;
  /** Notices that are committed and not yet in the stream. */
  unsettledNotices(): Promise<readonly RaisedNotice[]>;
  settleNotices(keys: readonly string[]): Promise<void>;
  /** Ends what a notice told of: the next occasion raises it anew. */
  closeNotice(key: string): Promise<void>;
  /** Moves committed pages into place; never waits for readers. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}
