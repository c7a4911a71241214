/** What a decision came to, and the named causes. Enums, never bare booleans. */
import type { Position } from "./entry.ts";

/**
 * The one outcome of an entry of the stream.
 * - `alert`: it opened an alert.
 * - `updated`: it changed the alert that an earlier event of the same thing opened or repeats.
 * - `repeat`: it is the same thing happening again: an occurrence of an open alert.
 * - `duplicate`: its key was there already.
 * - `quarantined`: it could not be understood; bytes and reason are kept.
 */
export type Outcome =
  | { readonly kind: "alert"; readonly reason: "new_event" }
  | { readonly kind: "updated"; readonly reason: "subject_known"; readonly of: Position }
  | { readonly kind: "repeat"; readonly reason: "fold_policy"; readonly of: Position }
  | { readonly kind: "duplicate"; readonly reason: "key_known"; readonly of: Position }
  | { readonly kind: "quarantined"; readonly reason: string; readonly detail: string };

/** How the alert as a whole was routed. */
export type Routing = "routed" | "unrouted";

/** States of a delivery; only the first is not terminal. */
export const DELIVERY_STATES = ["pending", "delivered", "folded", "suppressed", "dead"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/**
 * What a message tells: the alert for the first time, how the same message now looks, or that the
 * alert goes on.
 */
export const TELLING_KINDS = ["alert", "update", "reminder"] as const;

/**
 * What a delivery is for: a message, or `status`, which writes the status that somebody gave the alert
 * back to where it came from. The stages plan messages only, and know of nothing else.
 */
export const DELIVERY_KINDS = [...TELLING_KINDS, "status"] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

/** Why a delivery is as the pipeline left it. Tries give their own reasons later. */
export const DELIVERY_REASONS = [
  "first_notification",
  "update_of_message",
  "reminder_due",
  "shadow_route",
  "silence",
  "inhibited",
  "group_wait",
  "over_limit",
  "outside_hours",
  "repeat_wait",
  "closed_meanwhile",
  "status_changed",
  "in_digest",
  "group_digest",
  "limit_digest",
  "hours_digest",
  "silence_digest",
  "reminder_digest",
] as const;
export type DeliveryReason = (typeof DELIVERY_REASONS)[number];

/** One alert for one destination, as it is planned when an entry is decided. */
export interface PlannedDelivery {
  readonly destination: string;
  readonly route: string;
  readonly kind: DeliveryKind;
  /** 0 for the first of this alert and destination, then 1, 2 … */
  readonly sequence: number;
  /** Deliveries of one destination with the same thread are sent in order; null for no order. */
  readonly thread: string | null;
  readonly state: "pending" | "suppressed";
  readonly reason: DeliveryReason;
  /** The cell (`holdOf`) whose timer decides about it; it is not sent before. Null for none. */
  readonly hold: string | null;
  /** Name of the silence, policy or route behind the reason; null where the reason says it all. */
  readonly cause: string | null;
}

/** Id of a delivery in its store. */
export type DeliveryId = number & { readonly __brand: "DeliveryId" };

/** A delivery that waits for a cell's timer, or was suppressed and can still be called back. */
export interface HeldDelivery {
  readonly id: DeliveryId;
  readonly alert: Position;
  readonly destination: string;
  readonly route: string;
  readonly kind: DeliveryKind;
  readonly sequence: number;
  readonly thread: string | null;
  readonly state: "pending" | "suppressed";
  readonly hold: string;
  /** Epoch milliseconds of the log: since when it is held. */
  readonly held_at: number;
}

/**
 * What becomes of a held delivery.
 * - `send`: it is due now; with others folded into it, it is a digest.
 * - `fold`: it is told by another delivery, the digest's carrier.
 * - `hold`: it waits for another cell.
 * - `suppress`: it is not sent; `hold` names the cell that may still call it back.
 */
export type DeliveryMove = { readonly id: DeliveryId; readonly reason: DeliveryReason } & (
  | { readonly to: "send"; readonly cause: string | null }
  | { readonly to: "fold"; readonly into: DeliveryId }
  | { readonly to: "hold"; readonly hold: string; readonly cause: string | null }
  | { readonly to: "suppress"; readonly hold: string | null; readonly cause: string | null }
);
