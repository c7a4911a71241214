/**
 * One event with its metadata. The event is the message as JSON in Tocsin's own schema; what is searched
 * most stands beside it as indexed fields.
 * https://help.splunk.com/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector
 */
import { boundJson } from "../bound.ts";
import type { Message } from "../destination.ts";
import { messageJson } from "../message-json.ts";

export interface RenderOptions {
  readonly index?: string | undefined;
  readonly source: string;
  readonly sourcetype: string;
  readonly host?: string | undefined;
}

/** Bytes; Splunk Cloud advises requests of no more, and takes single events of 5 MB. */
const LARGEST_EVENT = 1_000_000;

/** Makes the function that renders messages. What it answers is one JSON object in one line. */
export function createRender(options: RenderOptions): (message: Message) => string {
  const { index, source, sourcetype } = options;
  return (message) => {
    const { alert } = message;
    const envelope = {
      time: secondsOf(alert.event_time ?? alert.detected_at ?? alert.received_at),
      host: options.host ?? alert.entities.hosts[0],
      source,
      sourcetype,
      index,
      fields: fieldsOf(message),
      event: messageJson(message),
    };
    return boundJson(envelope, LARGEST_EVENT);
  };
}

/** With milliseconds, and never with an exponent: Splunk takes that for a broken field. */
function secondsOf(time: string): number {
  return Date.parse(time) / 1000;
}

/** Splunk takes texts only, and no objects. */
function fieldsOf({ kind, alert, digest, key }: Message): Record<string, string> {
  return {
    alert_id: alert.id,
    alert_number: alert.number,
    message_key: key,
    message_kind: digest ? "digest" : kind,
    severity: digest?.severity ?? alert.severity,
    status: alert.status,
  };
}
