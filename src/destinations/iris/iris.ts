/** Alerts as alerts of DFIR-IRIS, updated as they change and merged into cases. */
import { z } from "zod";
import { baseUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender, type IrisDraft } from "./render.ts";
import { createSend } from "./send.ts";

const apiKey = secret().refine((value) => /^[\x21-\x7e]+$/.test(value.reveal()), {
  message: "an API key has no spaces or line breaks — look at the end of the secret's file",
});

const config = z.strictObject({
  url: baseUrl().describe("Of IRIS: https://iris.example.org."),
  api_key: apiKey.describe("API key of a service account."),
  customer: z.number().int().min(1).describe("Id of the customer whose alerts they are."),
  case: z
    .enum(["none", "merge"])
    .default("none")
    .describe("merge puts the alerts of one case into one case of IRIS."),
  iocs: z.boolean().default(true).describe("Hand over what was observed as IOCs."),
  template: templateSetting({
    title: "The alert's title, in one line. HTML.",
    text: "The alert's description. HTML.",
  }),
});
export type IrisConfig = z.infer<typeof config>;

export const iris = defineDestination<IrisConfig, IrisDraft>({
  kind: "iris",
  summary: "Alerts of DFIR-IRIS 2.4.17 and newer, with IOCs, updated and merged into cases",
  canUpdate: () => true,
  repeat: {
    kind: "recognised",
    by: "alert_source_ref",
    retry: "Looks for the alert by its source reference first, and updates it when it is there.",
  },
  // IRIS names none: its columns take texts of any length.
  limits: [],
  config,
  defaults: { concurrency: 2, statusUpdates: true },
  create: (settings, context) => ({
    render: createRender(settings, `destination ${context.name}`),
    show: ({ alert }) => ({ type: "application/json", text: JSON.stringify(alert) }),
    send: createSend(settings, context),
    close: async () => {},
  }),
});
