/**
 * Named points on the way of an alert, published on Node's diagnostics channels
 * (`tocsin:append.committed`, …). They cost nothing while nobody listens. Crash tests listen, from
 * outside the program, to end it exactly there.
 */
import { channel } from "node:diagnostics_channel";

/** The points, in the order in which an alert passes them. */
export type Milestone =
  | "append.committed"
  | "decisions.written"
  | "message.sent"
  | "results.recorded";

/** Says that a point was reached. */
export function reached(milestone: Milestone): void {
  const listeners = channel(`tocsin:${milestone}`);
  if (listeners.hasSubscribers) listeners.publish({ at: milestone });
}
