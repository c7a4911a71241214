/**
 * Is this event new? An exact key that is known makes it a duplicate; a known subject makes it an
 * update of the alert that the subject has; anything else opens an alert, and its subject is
 * remembered with it.
 *
 * An update closes its alert when the vendor closed the subject, but not one that took in repeats:
 * that one of several things is over says nothing of the others.
 */
import { mergeAlerts } from "../../alert/merge.ts";
import type { Alert } from "../../alert/schema.ts";
import { changed, traced, type Flow, type Stage } from "../flow.ts";
import type { Position } from "../entry.ts";
import type { CellWrite, StateView, StoredAlert } from "../state.ts";
import { continueTrace } from "../trace.ts";

export const identifyStage: Stage = {
  name: "identify",
  needs(flow, { state }) {
    if (flow.outcome || !flow.alert) return {};
    const keys = [flow.entry.key];
    if (flow.subject === null) return { keys };
    const alert = state.cell("subject", flow.subject)?.alert ?? null;
    return {
      keys,
      cells: [{ stage: "subject", key: flow.subject }],
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
    const known = alertOfSubject(flow.subject, state);
    return known ? update(flow, flow.alert, known) : open(flow, now);
  },
};

function alertOfSubject(subject: string | null, state: StateView): StoredAlert | undefined {
  if (subject === null) return undefined;
  const alert = state.cell("subject", subject)?.alert ?? null;
  return alert === null ? undefined : state.alert(alert);
}

function update(flow: Flow, event: Alert, known: StoredAlert): Flow {
  const outcome = { kind: "updated", reason: "subject_known", of: known.position } as const;
  const updated: Flow = {
    ...flow,
    outcome,
    alert: mergeAlerts(known.alert, said(event, known)),
    trace: continueTrace(known.trace, flow.trace),
  };
  return traced(updated, "identify", "updated", "subject_known", {
    key: flow.entry.key,
    subject: flow.subject,
    alert: known.alert.number,
    severity: { before: known.alert.severity, event: event.severity },
  });
}

/** What an event says of its alert. */
function said(event: Alert, { alert: { status, count } }: StoredAlert): Alert {
  return event.status === "closed" && count > 1 ? { ...event, status } : event;
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
