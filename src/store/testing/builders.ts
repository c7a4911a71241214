/** Small decisions and results to store, for tests. */
import type { Alert } from "../../alert/schema.ts";
import { caseId, type Case } from "../../case/case.ts";
import type { Decision, TimerDecision } from "../../pipeline/decide.ts";
import type { Position } from "../../pipeline/entry.ts";
import { NO_CHANGES, type Changes } from "../../pipeline/flow.ts";
import type { DeliveryId, DeliveryMove, PlannedDelivery } from "../../pipeline/outcome.ts";
import type { DecisionStore } from "../../pipeline/runner.ts";
import { holdOf, type Cell, type CellName } from "../../pipeline/state.ts";
import { aDecision, aDelivery, anEvent } from "../../pipeline/testing/builders.ts";
import type { Attempt, Claim, DeliveryResult } from "../store.ts";

/** The clock's time of the suites; entries were received some minutes before. */
export const NOW = 1_700_000_100_000;

/** When the entry at a position was received. */
export function receivedAt(position: number): number {
  return anEvent(position).received_at;
}

/** A cell that remembers when a group last spoke; a timer with `due_at`. */
export function aGroup(
  key: string,
  due_at: number | null = null,
  flushed_at: number | null = null,
): Cell<"group"> {
  return { stage: "group", key, value: { flushed_at }, alert: null, due_at, at: NOW };
}

export function aCase(number: number, changes: Partial<Case> = {}): Case {
  const at = new Date(NOW).toISOString();
  return {
    number,
    id: caseId(number),
    title: "Something on web-1",
    status: "new",
    verdict: null,
    severity: "high",
    owner: null,
    tags: [],
    summary: null,
    policy: "by-host",
    key: "web-1",
    alert_count: 1,
    tasks: [],
    opened_at: at,
    updated_at: at,
    first_alert_at: at,
    last_alert_at: at,
    closed_at: null,
    merged_into: null,
    follows: null,
    ...changes,
  };
}

/** The decision with what it changes besides. */
export function changing(decision: Decision, changes: Partial<Changes>): Decision {
  return { ...decision, changes: { ...NO_CHANGES, ...changes } };
}

/** A later entry that changes the alert of an earlier decision. */
export function following(
  position: number,
  first: Decision,
  kind: "updated" | "repeat",
  changes: Partial<Alert> = {},
  deliveries: readonly PlannedDelivery[] = [],
): Decision {
  const of = first.entry.position;
  const outcome =
    kind === "updated"
      ? ({ kind, reason: "subject_known", of } as const)
      : ({ kind, reason: "fold_policy", of } as const);
  const alert = first.alert && { ...first.alert, ...changes };
  return { ...aDecision(position, deliveries), routing: "routed", outcome, alert };
}

/** A delivery that waits for a cell. */
export function aHeld(
  destination: string,
  cell: CellName,
  changes: Partial<PlannedDelivery> = {},
): PlannedDelivery {
  return aDelivery(destination, { reason: "group_wait", hold: holdOf(cell), ...changes });
}

/** A timer of a group that comes to these changes. */
export function aTimer(due_at: number, changes: Partial<Changes>): TimerDecision {
  return { cell: { ...aGroup("g"), due_at }, changes: { ...NO_CHANGES, ...changes } };
}

/** Moves of deliveries, in the order of their ids: the first is sent, the others fold into it. */
export function digestMoves(ids: readonly DeliveryId[]): DeliveryMove[] {
  const [carrier, ...others] = ids;
  if (carrier === undefined) return [];
  return [
    { id: carrier, to: "send", reason: "group_digest", cause: "soc" },
    ...others.map((id) => ({ id, to: "fold", into: carrier, reason: "in_digest" }) as const),
  ];
}

/** Commits on the state as it is. */
export async function commitNow(
  store: DecisionStore,
  decisions: readonly Decision[],
  timers: readonly TimerDecision[] = [],
  now = NOW,
): Promise<void> {
  const { version } = await store.loadState({});
  await store.commit({ version, decisions, timers }, now);
}

/** Ids of the deliveries that wait for a cell. */
export async function heldIds(store: DecisionStore, cell: CellName): Promise<DeliveryId[]> {
  const { held } = await store.loadState({ holds: [holdOf(cell)] });
  return (held.get(holdOf(cell)) ?? []).map(({ id }) => id);
}

/** The alert at a position with what is known of it. */
export async function storedAt(store: DecisionStore, position: number) {
  return (await store.loadState({ alerts: [position as Position] })).alerts[0];
}

const OK: Attempt = {
  verdict: "delivered",
  reason: "accepted_by_peer",
  status: 200,
  duration: 5,
  error: null,
};
export const FAILED: Attempt = {
  verdict: "retry",
  reason: "server_error",
  status: 500,
  duration: 5,
  error: "500",
};

/** The peer took it. */
export function delivered(
  claim: Claim,
  told: { remember?: string; reference?: string } = {},
): DeliveryResult {
  const { remember = null, reference = null } = told;
  return { claim, attempt: OK, at: NOW, next: "delivered", remember, reference };
}

/** The peer failed. */
export function retried(claim: Claim, due_at: number): DeliveryResult {
  return { claim, attempt: FAILED, at: NOW, next: "pending", due_at };
}
