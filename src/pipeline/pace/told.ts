/** The alerts of deliveries that wait, as queries and keys see them. */
import type { StageContext } from "../flow.ts";
import { recordFor } from "../mute.ts";
import type { HeldDelivery } from "../outcome.ts";
import type { Told } from "./holds.ts";

/** The alert of a delivery; null when it is gone, or not loaded yet. */
export function toldOf(delivery: HeldDelivery, context: StageContext): Told | null {
  const stored = context.state.alert(delivery.alert);
  if (!stored) return null;
  const { position, alert } = stored;
  return { position, alert, record: recordFor(alert, documentFor(delivery, context)) };
}

/** The document behind a delivery; null when nothing asks for it, so that it is not loaded. */
export function documentFor(
  delivery: HeldDelivery,
  context: StageContext,
): Readonly<Record<string, unknown>> | null {
  return asksForDocument(delivery, context) ? context.state.document(delivery.alert) : null;
}

/** Whether something that is decided about a delivery may look at a field of its document. */
export function asksForDocument(
  delivery: HeldDelivery,
  { state, configuration }: StageContext,
): boolean {
  if (state.silences.length > 0 || configuration.inhibit.length > 0) return true;
  const route = configuration.route(delivery.route);
  if (!route) return false;
  return route.limit !== null || (route.group_by !== null && route.repeats === "remind");
}
