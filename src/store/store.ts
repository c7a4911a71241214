/**
 * The store: what was decided, what is to be sent, and what became of it. Its ledger is what the
 * audit checks against the stream.
 *
 * A delivery's states:
 *
 *     (planned) ──▶ pending ──▶ delivered
 *         │          │ ▲ │
 *         │          │ │ └────▶ dead ──(replay)──▶ pending
 *         │          │ └──(a silence's end, replay)──┐
 *         └──────────┴────────▶ suppressed ──────────┘
 *                    └────────▶ folded
 *
 * - *pending*: held until a timer decides about it, or due at a time; then claimed by at most one
 *   worker at a time; a failed try leaves it pending with a later due time.
 * - *folded*: told by another delivery, the carrier of a digest; a replay sends the digest again.
 * - *delivered*, *dead*, *suppressed*, *folded* are terminal until somebody replays them.
 *
 * What is due is claimed in the order of its due times, and of its ids where these are equal. A due time
 * is at first when the delivery was created, so that is the order of creation but for failed tries, which
 * wait; `resumeDeliveries` ends that wait for those that failed because their peer was down.
 *
 * Guarantees, which `conformance.ts` proves of every driver:
 * - `commit` is all or nothing, together with the stream's cursor; an entry that is committed
 *   already is skipped, so deciding a batch again after a crash changes nothing.
 * - What is committed was decided on the state that it changes: when somebody else changed it
 *   meanwhile, `commit` rejects. So two pipelines on one store make one case and one message.
 * - A key has one alert: a decision whose key is there already is stored as a duplicate.
 * - `claimDeliveries` gives a pending delivery to one claimant until it is recorded, released, or
 *   the store is opened again after a crash.
 * - Of one destination and thread only the oldest pending delivery can be claimed, and none while
 *   another is; what is held does not count. Messages about one alert go to a destination in the order
 *   of their sequence: an update or reminder can be claimed once those before it are out, but for
 *   reminders and updates that are held.
 */
import type { Alert } from "../alert/schema.ts";
import type { Case } from "../case/case.ts";
import type { Position } from "../pipeline/entry.ts";
import type { Notice } from "../pipeline/flow.ts";
import type { DeliveryId, DeliveryKind, DeliveryReason } from "../pipeline/outcome.ts";
import type { DecisionStore } from "../pipeline/runner.ts";

export type { DeliveryId, Notice };

/** Several alerts that one message tells of. */
export interface ClaimedDigest {
  readonly reason: DeliveryReason;
  /** Name of the silence or route behind it. */
  readonly cause: string | null;
  /** How many alerts it is about, the carrier's own included. */
  readonly total: number;
  /** The carrier's first; at most `MAX_DIGEST_ALERTS`. */
  readonly alerts: readonly Alert[];
}

/** A digest shows and counts the rules and hosts of at most so many alerts. */
export const MAX_DIGEST_ALERTS = 500;

/** A delivery that a worker may try now. */
export interface Claim {
  readonly id: DeliveryId;
  readonly destination: string;
  readonly kind: DeliveryKind;
  readonly sequence: number;
  readonly alert: Alert;
  /** Null when it tells of one alert. */
  readonly digest: ClaimedDigest | null;
  /** That of the alert that is told of, of a digest its first; null when that is in none. */
  readonly case: Case | null;
  readonly thread: string | null;
  /**
   * What the newest delivered message of the thread asked to remember; of an update, the reference
   * of the newest delivered message of the alert at this destination that is no reminder.
   */
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
  | {
      readonly next: "delivered";
      /** For later messages of the thread. */
      readonly remember: string | null;
      /** For updates of this message. */
      readonly reference: string | null;
    }
  | { readonly next: "pending"; readonly due_at: number }
  | { readonly next: "dead"; readonly reason: string }
);

/** When a peer may have been down, in epoch milliseconds; without `until` itself. */
export interface Outage {
  readonly since: number;
  readonly until: number;
}

export interface RaisedNotice extends Notice {
  /** Epoch milliseconds; with the key it identifies the notice in the stream. */
  readonly raised_at: number;
}

export interface Store extends DecisionStore {
  /** Position of the last entry that was decided. */
  cursor(): Promise<Position>;
  /** At most `limit` deliveries of a destination that are due, in order. */
  claimDeliveries(destination: string, now: number, limit: number): Promise<readonly Claim[]>;
  /** Gives claims back untried. */
  releaseClaims(claims: readonly Claim[]): Promise<void>;
  /** Records results in one transaction, with the notices that they give rise to. */
  recordResults(results: readonly DeliveryResult[], notices: readonly Notice[]): Promise<void>;
  /**
   * A peer that was down works again: what waits for its next try and failed in that outage alone is due as
   * when it was created, and so before what is newer. What also failed at another time keeps its wait, for
   * it may fail by itself; what is held stays held.
   */
  resumeDeliveries(destination: string, outage: Outage, now: number): Promise<void>;
  /**
   * When the next pending delivery falls due that is not claimed and waits for no other; null when
   * there is none.
   */
  nextDue(destination: string): Promise<number | null>;
  /** Notices that are committed and not yet in the stream. */
  unsettledNotices(): Promise<readonly RaisedNotice[]>;
  settleNotices(keys: readonly string[]): Promise<void>;
  /**
   * Ends what a notice told of: the next occasion raises it anew. False, and nothing done, while it
   * is not in the stream yet.
   */
  closeNotice(key: string): Promise<boolean>;
  /**
   * Makes up for a clock that was set back. What waits for a time that counts from a moment more than
   * a second after `now` (a group, limit, reminder or update; a delivery's next try) waits from `now`
   * instead, for what it then had left. Times of the calendar stay.
   */
  rearmTimers(now: number): Promise<void>;
  /** Moves committed pages into place; never waits for readers. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}
