/**
 * Is it the same thing happening again? The first fold policy that an event fits says which fields
 * must be equal. The newest alert with these values takes the event in as a repeat while it is open
 * and the event happened within the policy's window of it, before or after. A closed alert stays
 * closed: a new one follows it.
 */
import { repeatAlert } from "../../alert/merge.ts";
import type { Alert } from "../../alert/schema.ts";
import { changed, isAlive, traced, type Flow, type Stage, type StageContext } from "../flow.ts";
import type { FoldPolicy } from "../policies.ts";
import { alertRecord } from "../record.ts";
import { cellKey, type CellWrite, type StateView, type StoredAlert } from "../state.ts";
import { happenedAt, isWithin } from "../time.ts";
import { continueTrace } from "../trace.ts";
import { joinedKey } from "../values.ts";
import { subjectCell } from "./identify.ts";
import { OPERATOR_KIND } from "./route.ts";

/** A flow that opened an alert, and the policy that it falls under. */
interface Candidate {
  readonly flow: Flow & { readonly alert: Alert; readonly event: Alert };
  readonly policy: FoldPolicy;
  /** Key of the cell; null when the event has no value that the policy compares. */
  readonly key: string | null;
}

export const foldStage: Stage = {
  name: "fold",
  needs(flow, context) {
    const key = candidateOf(flow, context)?.key ?? null;
    if (key === null) return {};
    const alert = context.state.cell("fold", key)?.alert ?? null;
    return { cells: [{ stage: "fold", key }], alerts: alert === null ? [] : [alert] };
  },
  run(flow, context) {
    const candidate = candidateOf(flow, context);
    if (!candidate) return flow;
    const { policy, key } = candidate;
    if (key === null) {
      const values = { policy: policy.name, by: policy.by };
      return traced(flow, "fold", "new", "no_values", values);
    }
    return decide(candidate, key, context);
  },
};

function candidateOf(flow: Flow, { configuration, now }: StageContext): Candidate | null {
  if (!isAlive(flow) || flow.outcome?.kind !== "alert") return null;
  if (flow.event.source.kind === OPERATOR_KIND) return null;
  const record = alertRecord(flow.event, flow.document ?? {});
  const policy = configuration.fold.first(record, now);
  if (!policy) return null;
  const values = policy.by ? joinedKey(record, policy.by) : flow.event.fingerprint;
  return { flow, policy, key: values === null ? null : cellKey(policy.name, values) };
}

function decide(candidate: Candidate, key: string, { state, now }: StageContext): Flow {
  const { flow, policy } = candidate;
  const known = knownAlert(state, key);
  const takeOver = { cells: [foldCell(key, flow, now)] };
  if (!known) return traced(changed(flow, takeOver), "fold", "new", "first_of_key", told(policy));
  const values = { ...told(policy), ...compared(flow.event, known) };
  if (known.alert.status === "closed") {
    const alert = { ...flow.alert, follows: known.alert.number };
    const followed = changed({ ...flow, alert }, takeOver);
    return traced(followed, "fold", "new", "known_is_closed", values);
  }
  const happened = happenedAt(flow.event);
  const span = spanOf(known.alert);
  if (isWithin(happened, span, policy.window)) return repeat(candidate.flow, known, values, now);
  // A latecomer from before the known alert does not take its place: the next repeat is of that one.
  // Nobody comes late for what is in the future: then the clock was set back.
  const isLate = happened < span.first && span.first <= now;
  const after = isLate ? flow : changed(flow, takeOver);
  return traced(after, "fold", "new", "outside_window", values);
}

function repeat(
  flow: Candidate["flow"],
  known: StoredAlert,
  values: Readonly<Record<string, unknown>>,
  now: number,
): Flow {
  const of = known.position;
  const repeated: Flow = {
    ...flow,
    outcome: { kind: "repeat", reason: "fold_policy", of },
    alert: repeatAlert(known.alert, flow.alert),
    trace: continueTrace(known.trace, flow.trace),
    // The subject has no alert of its own now; later events of it speak of the one that took it in.
    changes: {
      ...flow.changes,
      cells: flow.changes.cells.map((write) =>
        "cell" in write && write.cell.stage === "subject"
          ? subjectCell(write.cell.key, of, now)
          : write,
      ),
    },
  };
  return traced(repeated, "fold", "repeat", "fold_policy", values);
}

function knownAlert(state: StateView, key: string): StoredAlert | undefined {
  const alert = state.cell("fold", key)?.alert ?? null;
  return alert === null ? undefined : state.alert(alert);
}

function foldCell(key: string, { entry }: Flow, now: number): CellWrite {
  const { position } = entry;
  return { cell: { stage: "fold", key, value: {}, alert: position, due_at: null, at: now } };
}

function spanOf({ first_seen, last_seen }: Alert): { first: number; last: number } {
  return { first: Date.parse(first_seen), last: Date.parse(last_seen) };
}

function told({ name, match, by, window }: FoldPolicy): Readonly<Record<string, unknown>> {
  return { policy: name, match, by: by ?? "fingerprint", window_ms: window };
}

function compared(event: Alert, { alert }: StoredAlert): Readonly<Record<string, unknown>> {
  return {
    alert: alert.number,
    status: alert.status,
    happened_at: new Date(happenedAt(event)).toISOString(),
    first_seen: alert.first_seen,
    last_seen: alert.last_seen,
    count: alert.count,
  };
}
