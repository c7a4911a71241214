import { isObject, rejectItem, textOf } from "../read.ts";
import type { Decoded, DecodedEvent, JsonObject, JsonValue, RejectedItem } from "../source.ts";
import { keyOf, leftOut, nameOf, statusOf } from "./notification.ts";

/** Whose notification it is: the scheme of its keys, and the source's name. */
interface Sender {
  readonly scheme: string;
  readonly source: string;
}

/** One event for each alert of a notification: the notification with that alert alone. */
export function decodeNotification(body: JsonValue, sender: Sender): Decoded {
  if (!isObject(body)) {
    return reject(rejectItem("not_an_object", "a notification is a JSON object", body));
  }
  const { alerts } = body;
  if (!Array.isArray(alerts)) {
    return reject(rejectItem("not_an_alert", "no list of alerts: not a notification", body));
  }
  if (alerts.length === 0) return decodeEmpty(body);
  return decodeAlerts(body, alerts, sender);
}

function reject(item: RejectedItem): Decoded {
  return { events: [], rejected: [item] };
}

/** Nothing to tell, or everything left out: that is a loss at the sender that somebody must see. */
function decodeEmpty(body: JsonObject): Decoded {
  const count = leftOut(body);
  if (count === 0) return { events: [], rejected: [], empty: "empty_array" };
  return reject(
    rejectItem("not_an_alert", `all ${count} alerts were left out by the sender`, body),
  );
}

function decodeAlerts(body: JsonObject, alerts: readonly JsonValue[], sender: Sender): Decoded {
  const events: DecodedEvent[] = [];
  const rejected: RejectedItem[] = [];
  const around = envelopeOf(body);
  for (const alert of alerts) {
    if (!isObject(alert)) {
      rejected.push(rejectItem("not_an_object", "an alert is a JSON object", alert));
    } else if (!hasLabels(alert)) {
      rejected.push(rejectItem("not_an_alert", "an alert without labels", alert));
    } else {
      const { envelope, repaired } = around;
      const document = alerts.length === 1 ? body : { ...envelope, alerts: [alert] };
      const event = toEvent(document, alert, sender);
      events.push(alerts.length === 1 ? event : { ...event, repaired });
    }
  }
  return { events, rejected };
}

/** Longest envelope, as JSON in characters, that stands with each alert. */
const MAX_ENVELOPE = 8192;
/** The members that are read of it, all of them short. */
const READ = ["version", "status", "orgId", "truncatedAlerts"];

/**
 * What stands around the alerts. Grafana writes all of them into its `message`: with each of them once
 * more, many would be far more than was sent. What is left out is in the receipt, which is kept then.
 */
function envelopeOf(body: JsonObject): { envelope: JsonObject; repaired: readonly string[] } {
  const { alerts: _, ...envelope } = body;
  if (JSON.stringify(envelope).length <= MAX_ENVELOPE) return { envelope, repaired: [] };
  const read = READ.flatMap((name) => {
    const text = textOf(envelope[name]);
    return text === null ? [] : [[name, text.slice(0, 100)] as const];
  });
  return { envelope: Object.fromEntries(read), repaired: ["envelope_left_out"] };
}

function hasLabels({ labels }: JsonObject): boolean {
  return isObject(labels) && Object.keys(labels).length > 0;
}

/** That it is over is another state of the alert; that it still fires is nothing new. */
function toEvent(
  document: JsonObject,
  alert: JsonObject,
  { scheme, source }: Sender,
): DecodedEvent {
  const version = statusOf(document, alert) === "closed" ? "resolved" : null;
  return { stream: nameOf(alert), key: keyOf(alert, scheme, source), version, document };
}
