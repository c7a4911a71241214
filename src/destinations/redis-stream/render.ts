/** What an entry says: a few fields to choose by, and the whole message as JSON. */
import type { Message } from "../destination.ts";
import { messageJson } from "../message-json.ts";

export interface Entry {
  /** Names and values in the order in which they are written. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** The entry of a message, whose JSON has as many alerts of a digest as fit into `max` bytes. */
export function renderEntry(message: Message, max: number): Entry {
  const { kind, alert, key, test } = message;
  return {
    fields: [
      ["key", key],
      ["kind", test ? "test" : kind],
      ["alert", alert.id],
      ["number", alert.number],
      ["severity", alert.severity],
      ["status", alert.status],
      ["message", jsonWithin(message, max)],
    ],
  };
}

function jsonWithin(message: Message, max: number): string {
  const { digest } = message;
  const text = JSON.stringify(messageJson(message));
  if (Buffer.byteLength(text) <= max || !digest || digest.alerts.length <= 1) return text;
  const half = digest.alerts.slice(0, Math.ceil(digest.alerts.length / 2));
  return jsonWithin({ ...message, digest: { ...digest, alerts: half } }, max);
}
