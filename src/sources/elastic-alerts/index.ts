import { normaliseElastic } from "../../elastic/alert.ts";
import { openDocument } from "../../elastic/document.ts";
import { identityOf } from "../../elastic/identity.ts";
import { openIndexFeed } from "../index-feed/index.ts";
import { defineSource } from "../source.ts";
import { decodeAlert } from "./decode.ts";
import { feedSettings } from "./feed.ts";
import { alertsSettings } from "./settings.ts";

/** The alerts that Kibana's rules write, as they are raised, grow and change their status. */
export const elasticAlertsSource = defineSource({
  kind: "elastic-alerts",
  vendor: "Elastic",
  summary: "Alerts as Kibana keeps them: detection alerts, signals of 7.x, alerts of stack rules.",
  config: alertsSettings,
  open: (settings, context) => openIndexFeed(feedSettings(settings), context),
  decode: (item, { config }) => decodeAlert(item, config),
  normalise({ document, repaired }, { name, kind }) {
    const opened = openDocument(document);
    const alert = normaliseElastic(opened, { name, kind, product: "Elasticsearch", repaired });
    return { alert, updates: identityOf(opened) ?? undefined };
  },
});
