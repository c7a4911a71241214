/** What a decision came to, and the named causes. Enums, never bare booleans. */
import type { Position } from "./entry.ts";

/**
 * The one outcome of an entry of the stream.
 * - `alert`: it opened an alert.
 * - `updated`: it changed the alert that an earlier event of the same subject opened.
 * - `duplicate`: its key was there already.
 * - `quarantined`: it could not be understood; bytes and reason are kept.
 */
export type Outcome =
  | { readonly kind: "alert"; readonly reason: "new_event" }
  | { readonly kind: "updated"; readonly reason: "subject_known"; readonly of: Position }
  | { readonly kind: "duplicate"; readonly reason: "key_known"; readonly of: Position }
  | { readonly kind: "quarantined"; readonly reason: string; readonly detail: string };

/** How the alert as a whole was routed. */
export type Routing = "routed" | "unrouted";

/** States of a delivery; only the first is not terminal. */
export const DELIVERY_STATES = ["pending", "delivered", "folded", "suppressed", "dead"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One alert for one destination, as the route stage plans it. */
export interface PlannedDelivery {
  readonly destination: string;
  readonly route: string;
  /** Deliveries of one destination with the same thread are sent in order; null for no order. */
  readonly thread: string | null;
  readonly state: "pending" | "suppressed";
  readonly reason: "first_notification" | "shadow_route";
}
