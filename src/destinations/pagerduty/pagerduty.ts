/** Alerts as PagerDuty alerts: triggered, acknowledged and resolved by one key. */
import { z } from "zod";
import { httpUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender, type PagerDutyEvent } from "./render.ts";
import { createSend } from "./send.ts";

const routingKey = secret().refine((value) => /^[\x21-\x7e]{32}$/.test(value.reveal()), {
  message: "an integration key has 32 characters — look at the end of the secret's file",
});

const config = z.strictObject({
  routing_key: routingKey.describe("Integration key of an Events API v2 integration."),
  url: httpUrl()
    .default("https://events.pagerduty.com/v2/enqueue")
    .describe("https://events.eu.pagerduty.com/v2/enqueue for accounts in the EU."),
  template: templateSetting({
    summary: "The title of the incident, in one line.",
    text: "In the details, in the place of reason and description.",
  }),
});
export type PagerDutyConfig = z.infer<typeof config>;

const FIELDS = "https://developer.pagerduty.com/docs/events-api-v2/trigger-events/";
const SIZE = "https://developer.pagerduty.com/docs/events-api-v2/overview/";

export const pagerduty = defineDestination<PagerDutyConfig, PagerDutyEvent>({
  kind: "pagerduty",
  summary: "Incidents at PagerDuty, acknowledged and resolved with the alert",
  canUpdate: () => true,
  repeat: {
    kind: "recognised",
    by: "dedup_key",
    retry:
      "Sends the event again: with the same dedup_key it joins the alert that is open and pages nobody.",
  },
  limits: [
    { of: "summary", max: 1024, unit: "characters", beyond: "cut", source: FIELDS },
    { of: "dedup_key", max: 255, unit: "characters", beyond: "left out", source: FIELDS },
    { of: "event", max: 512_000, unit: "bytes", beyond: "left out", source: SIZE },
  ],
  config,
  defaults: { concurrency: 4, statusUpdates: true },
  create: (settings, context) => ({
    render: createRender(settings.template, `destination ${context.name}`),
    show: (event) => ({ type: "application/json", text: JSON.stringify(event) }),
    send: createSend(settings, context),
    close: async () => {},
  }),
});
