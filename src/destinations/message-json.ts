/** A message as JSON, for programs that read it. */
import type { Alert } from "../alert/schema.ts";
import type { Digest, Message } from "./destination.ts";

/** So many characters of alerts are written for a digest; receivers refuse bodies without end. */
const MAX_ALERTS = 500_000;

/**
 * The members that a receiver gets. `digest` is there only when the message tells of several
 * alerts. An `update` has the same `alert.id` as the message that it changes, and another `key`.
 */
export function messageJson({ kind, alert, digest, key, link, test }: Message) {
  const base = { type: test ? "test" : "alert", kind, key, alert, link };
  return digest ? { ...base, digest: digestJson(digest) } : base;
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
