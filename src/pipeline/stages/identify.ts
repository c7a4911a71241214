/**
 * Is this event new? An exact key that is known makes it a duplicate; a known subject makes it an
 * update of the alert that the subject has; anything else opens an alert.
 */
import { mergeAlerts } from "../../alert/merge.ts";
import { traced, type Flow, type Stage } from "../flow.ts";

export const identifyStage: Stage = {
  name: "identify",
  run(flow, { state }) {
    if (flow.outcome || !flow.alert) return flow;
    const { key } = flow.entry;
    const first = state.positionOfKey(key);
    if (first !== undefined) {
      const outcome = { kind: "duplicate", reason: "key_known", of: first } as const;
      return traced({ ...flow, outcome }, "identify", "duplicate", "key_known", { key, first });
    }
    const known = flow.subject === null ? undefined : state.alertOfSubject(flow.subject);
    if (!known) return open(flow);
    const outcome = { kind: "updated", reason: "subject_known", of: known.position } as const;
    const updated: Flow = {
      ...flow,
      outcome,
      alert: mergeAlerts(known.alert, flow.alert),
      trace: [...known.trace, ...flow.trace],
    };
    return traced(updated, "identify", "updated", "subject_known", {
      key,
      subject: flow.subject,
      alert: known.alert.number,
      severity: { before: known.alert.severity, event: flow.alert.severity },
    });
  },
};

function open(flow: Flow): Flow {
  const outcome = { kind: "alert", reason: "new_event" } as const;
  return traced({ ...flow, outcome }, "identify", "new", "new_event", { key: flow.entry.key });
}
