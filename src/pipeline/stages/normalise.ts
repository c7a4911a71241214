/** First stage: the event's document becomes an alert, or the entry goes to quarantine. */
import { completeAlert } from "../../alert/complete.ts";
import { messageOf } from "../../errors.ts";
import { traced, type Flow, type Stage, type StageContext } from "../flow.ts";

export const normaliseStage: Stage = {
  name: "normalise",
  run(flow, context) {
    const { entry } = flow;
    if (entry.quarantine) return quarantine(flow, entry.quarantine.reason, entry.quarantine.detail);
    try {
      return normalise(flow, context);
    } catch (error) {
      // A document that breaks a source's code must not stop the log behind it.
      return quarantine(flow, "normalise_failed", messageOf(error));
    }
  },
};

function normalise(flow: Flow, context: StageContext): Flow {
  const { entry } = flow;
  const document = JSON.parse(new TextDecoder().decode(entry.body)) as Record<string, unknown>;
  const { content, subject, updates, parts } = context.configuration.normalise(entry, document);
  const { position, key, received_at: receivedAt } = entry;
  const event = { ...completeAlert(content, { position, key, receivedAt }), parts: [...parts] };
  return traced(
    { ...flow, document, event, alert: event, subject, updates },
    "normalise",
    "read",
    "source_understood",
    {
      source: entry.source,
      kind: entry.kind,
      severity: event.severity,
      severity_original: event.severity_original,
      repaired: event.provenance.repaired,
      flags: event.provenance.flags,
    },
  );
}

function quarantine(flow: Flow, reason: string, detail: string): Flow {
  return traced(
    { ...flow, outcome: { kind: "quarantined", reason, detail } },
    "normalise",
    "quarantined",
    reason,
    { detail },
  );
}
