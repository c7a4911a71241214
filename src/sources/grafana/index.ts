/** Grafana by its webhook contact point, and by the notification channel of versions before 9. */
import { decodeNotification } from "../alertmanager/decode.ts";
import { normaliseNotification, notificationSettings } from "../alertmanager/normalise.ts";
import { defineSource } from "../source.ts";
import { decodeLegacy, isLegacy, normaliseLegacy } from "./legacy.ts";

const PRODUCT = { scheme: "grafana", vendor: "Grafana", product: "Grafana" } as const;

export const grafanaSource = defineSource({
  kind: "grafana",
  vendor: "Grafana",
  summary: "Alerts of Grafana's webhook contact point, and of legacy dashboard alerting.",
  config: notificationSettings,
  // Grafana's own sender does not retry at all; Mimir's, which posts the same, does after 5xx.
  busyStatus: 503,
  decode: (body, { name }) =>
    isLegacy(body)
      ? decodeLegacy(body)
      : decodeNotification(body, { scheme: PRODUCT.scheme, source: name }),
  normalise: (event, context) =>
    isLegacy(event.document)
      ? normaliseLegacy(event, context)
      : normaliseNotification(event, context, PRODUCT),
});
