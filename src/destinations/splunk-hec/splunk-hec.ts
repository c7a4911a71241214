/** Alerts as events of Splunk, through its HTTP Event Collector. */
import { z } from "zod";
import { baseUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { createRender } from "./render.ts";
import { createSend } from "./send.ts";

const token = secret().refine((value) => /^[\x21-\x7e]+$/.test(value.reveal()), {
  message: "a token has no spaces or line breaks — look at the end of the secret's file",
});

const config = z.strictObject({
  url: baseUrl().describe("Of the collector, without /services: https://splunk.lab:8088."),
  token: token.describe("The HEC token, without the word Splunk before it."),
  index: z
    .string()
    .regex(/^[a-z0-9_][a-z0-9_-]*$/, "not the name of an index")
    .optional()
    .describe("One that the token may write to; its default index unless given."),
  source: z.string().min(1).default("tocsin"),
  sourcetype: z.string().min(1).default("tocsin:alert"),
  host: z.string().min(1).optional().describe("The first host of the alert unless given."),
  channel: z
    .guid()
    .optional()
    .describe("A GUID of your own, for tokens with indexer acknowledgment, which ask for one."),
});
export type SplunkHecConfig = z.infer<typeof config>;

const INPUTS = "https://docs.splunk.com/Documentation/Splunk/latest/Admin/Inputsconf";

export const splunkHec = defineDestination<SplunkHecConfig, string>({
  kind: "splunk-hec",
  summary: "Events for Splunk's HTTP Event Collector",
  canUpdate: () => true,
  repeat: {
    kind: "marked",
    by: "message_key",
    retry: "Sends the event again: the indexed field message_key is the same.",
  },
  limits: [{ of: "event", max: 5 * 1024 ** 2, unit: "bytes", beyond: "left out", source: INPUTS }],
  config,
  defaults: { concurrency: 128, statusUpdates: false },
  create: (options, context) => ({
    render: createRender(options),
    show: (event) => ({ type: "application/json", text: event }),
    send: createSend(options, context),
    close: async () => {},
  }),
});
