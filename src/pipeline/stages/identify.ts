/**
 * Is this event new? An exact key that is known makes it a duplicate; a known subject, or a known key
 * of the thing that it is a later state of, makes it an update of the alert there; anything else opens
 * an alert, and its subject is remembered with it.
 *
 * An update closes its alert when the vendor closed the subject, but not one that took in repeats:
 * that one of several things is over says nothing of the others. And where the thing is itself one of
 * the repeats, its later states add to the alert what they bring, as the repeat did, and no more.
 */
import { mergeAlerts, repeatAlert } from "../../alert/merge.ts";
import type { Alert } from "../../alert/schema.ts";
import { changed, traced, type Flow, type Stage } from "../flow.ts";
import type { Position } from "../entry.ts";
import type { CellWrite, StateView, StoredAlert } from "../state.ts";
import { continueTrace } from "../trace.ts";

export const identifyStage: Stage = {
  name: "identify",
  needs(flow, { state }) {
    if (flow.outcome || !flow.alert) return {};
    const { entry, subject, updates } = flow;
    const alert = positionOfKnown(flow, state);
    return {
      keys: updates === null ? [entry.key] : [entry.key, updates],
      cells: subject === null ? [] : [{ stage: "subject", key: subject }],
      alerts: alert === null ? [] : [alert],
    };
  },
  run(flow, { state, now }) {
    if (flow.outcome || !flow.alert) return flow;
    const { key } = flow.entry;
    const first = state.positionOfKey(key);
    if (first !== undefined) {
      const outcome = { kind: "duplicate", reason: "key_known", of: first } as const;
      return traced({ ...flow, outcome }, "identify", "duplicate", "key_known", { key, first });
    }
    const of = positionOfKnown(flow, state);
    const known = of === null ? undefined : state.alert(of);
    return known ? update(flow, flow.alert, known) : open(flow, now);
  },
};

/** Where the alert is that earlier events of the same thing opened or repeat; null for none. */
function positionOfKnown({ entry, subject, updates }: Flow, state: StateView): Position | null {
  if (updates !== null && updates !== entry.key) {
    const position = state.positionOfKey(updates);
    if (position !== undefined) return position;
  }
  return subject === null ? null : (state.cell("subject", subject)?.alert ?? null);
}

function update(flow: Flow, event: Alert, known: StoredAlert): Flow {
  const { key } = flow.entry;
  const alert = merge(known.alert, event, flow.updates);
  const updated: Flow = {
    ...flow,
    outcome: { kind: "updated", reason: "subject_known", of: known.position },
    alert,
    trace: continueTrace(known.trace, flow.trace),
  };
  const about = flow.updates === null ? { subject: flow.subject } : { updates: flow.updates };
  return traced(updated, "identify", "updated", "subject_known", {
    key,
    ...about,
    alert: known.alert.number,
    severity: { before: known.alert.severity, event: event.severity },
    status: { before: known.alert.status, event: event.status, after: alert.status },
  });
}

function merge(known: Alert, event: Alert, updates: string | null): Alert {
  const isOfRepeat = updates !== null && updates !== known.key;
  if (isOfRepeat) return { ...repeatAlert(known, event), count: known.count };
  return mergeAlerts(known, said(event, known));
}

/** What an event says of its alert: nothing of the status when it closes one of several. */
function said(event: Alert, { status, status_changed_at, count }: Alert): Alert {
  return event.status === "closed" && count > 1 ? { ...event, status, status_changed_at } : event;
}

function open(flow: Flow, now: number): Flow {
  const { entry, subject } = flow;
  const outcome = { kind: "alert", reason: "new_event" } as const;
  const cells = subject === null ? [] : [subjectCell(subject, entry.position, now)];
  const opened = changed({ ...flow, outcome }, { cells });
  return traced(opened, "identify", "new", "new_event", { key: entry.key });
}

/** The write that makes an alert the one of a subject. */
export function subjectCell(subject: string, alert: Position, now: number): CellWrite {
  return { cell: { stage: "subject", key: subject, value: {}, alert, due_at: null, at: now } };
}
