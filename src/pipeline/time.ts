/** When things happened, as windows count it. */
import type { Alert } from "../alert/schema.ts";

/**
 * When the event behind an alert happened, in epoch milliseconds: its own time, else when it was
 * detected, else when it came. Never after it came: a sender's clock that runs ahead must not keep a
 * window open.
 */
export function happenedAt({ event_time, detected_at, received_at }: Alert): number {
  const received = Date.parse(received_at);
  return Math.min(Date.parse(event_time ?? detected_at ?? received_at), received);
}

/** Whether a time is at most `window` ms before the first or after the last of a span. */
export function isWithin(
  time: number,
  { first, last }: { readonly first: number; readonly last: number },
  window: number,
): boolean {
  return time >= first - window && time <= last + window;
}
