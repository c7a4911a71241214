/** Prometheus Alertmanager by its webhook receiver. */
import { defineSource } from "../source.ts";
import { decodeNotification } from "./decode.ts";
import { normaliseNotification, notificationSettings } from "./normalise.ts";

const PRODUCT = { scheme: "alertmanager", vendor: "Prometheus", product: "Alertmanager" } as const;

export const alertmanagerSource = defineSource({
  kind: "alertmanager",
  vendor: "Prometheus",
  summary: "Notifications of Alertmanager's webhook receiver: firing and resolved alerts.",
  config: notificationSettings,
  // It retries after 5xx only (prometheus/alertmanager, notify/util.go).
  busyStatus: 503,
  decode: (body, { name }) => decodeNotification(body, { scheme: PRODUCT.scheme, source: name }),
  normalise: (event, context) => normaliseNotification(event, context, PRODUCT),
});
