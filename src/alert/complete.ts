import { deriveEntities } from "./entities.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { alertId, numberOf } from "./id.ts";
import type { Alert, AlertContent } from "./schema.ts";

/** What the log knows about the event an alert is made from. */
export interface AlertOrigin {
  /** Place in the log, from 1. */
  readonly position: number;
  readonly key: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** The whole alert, as it stands when its first event opens it: seen once, in no case. */
export function completeAlert(content: AlertContent, origin: AlertOrigin): Alert {
  const { position, key, receivedAt } = origin;
  const received_at = new Date(receivedAt).toISOString();
  const happened = content.event_time ?? content.detected_at ?? received_at;
  // A sender's clock that runs ahead makes nothing seen before it came.
  const seen = happened < received_at ? happened : received_at;
  return {
    id: alertId(receivedAt, key, position),
    number: numberOf(position),
    key,
    ...content,
    received_at,
    entities: deriveEntities(content.artifacts),
    fingerprint: fingerprintOf(content),
    count: 1,
    first_seen: seen,
    last_seen: seen,
    case_id: null,
    follows: null,
    parts: [],
  };
}
