/** Small things to decide on, for tests. */
import { completeAlert } from "../../alert/complete.ts";
import { emptyContent } from "../../alert/content.ts";
import type { AlertContent } from "../../alert/schema.ts";
import type { Decision } from "../decide.ts";
import type { EventEntry, Position } from "../entry.ts";
import { beginFlow } from "../flow.ts";
import type { PlannedDelivery } from "../outcome.ts";

export function anEvent(position: number, key = `k${position}`): EventEntry {
  return {
    position: position as Position,
    receipt: position,
    source: "s",
    kind: "generic",
    stream: "rule",
    key,
    received_at: 1_700_000_000_000 + position,
    repaired: [],
    body: Buffer.from("{}"),
    quarantine: null,
  };
}

export function aContent(changes: Partial<AlertContent> = {}): AlertContent {
  const source = { name: "s", kind: "generic", vendor: "v", product: "p", space: null };
  return { ...emptyContent(source), title: "Something happened", severity: "high", ...changes };
}

export function aDelivery(
  destination: string,
  changes: Partial<PlannedDelivery> = {},
): PlannedDelivery {
  return {
    destination,
    route: "r",
    kind: "alert",
    sequence: 0,
    thread: null,
    state: "pending",
    reason: "first_notification",
    hold: null,
    cause: null,
    ...changes,
  };
}

/** A decision that opens an alert with these deliveries. */
export function aDecision(
  position: number,
  deliveries: readonly PlannedDelivery[] = [],
  changes: { key?: string; content?: Partial<AlertContent>; subject?: string } = {},
): Decision {
  const entry = anEvent(position, changes.key);
  const { position: place, key, received_at: receivedAt } = entry;
  const alert = completeAlert(aContent(changes.content), { position: place, key, receivedAt });
  return {
    ...beginFlow(entry),
    event: alert,
    alert,
    subject: changes.subject ?? null,
    outcome: { kind: "alert", reason: "new_event" },
    routing: deliveries.length > 0 ? "routed" : "unrouted",
    deliveries,
    trace: [{ stage: "identify", outcome: "new", reason: "new_event", values: {} }],
  };
}
