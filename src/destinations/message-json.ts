/** A message as JSON, for programs that read it. */
import type { Alert } from "../alert/schema.ts";
import type { Digest, Message } from "./destination.ts";

/** So many characters of alerts are written for a digest; receivers refuse bodies without end. */
const MAX_ALERTS = 500_000;

/**
 * The members that a receiver gets. `digest` is there only when the message tells of several
 * alerts, `case` only when the alert is in one. An `update` has the same `alert.id` as the message that it changes, and another `key`.
 */
export function messageJson(message: Message) {
  const { kind, alert, digest, key, link, test } = message;
  return {
    type: test ? "test" : "alert",
    kind,
    key,
    alert,
    link,
    ...(message.case ? { case: message.case } : {}),
    ...(digest ? { digest: digestJson(digest) } : {}),
  };
}

/** The digest with as many of its first alerts, each whole, as have room; `total` counts all. */
export function digestJson(digest: Digest): Digest {
  const alerts: Alert[] = [];
  let room = MAX_ALERTS;
  for (const alert of digest.alerts) {
    room -= JSON.stringify(alert).length;
    if (room < 0) break;
    alerts.push(alert);
  }
  return { ...digest, alerts };
}
