/** Alerts as Slack messages, through an incoming webhook or as a bot. */
import { z } from "zod";
import { httpUrl, isHttpUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { renderSlack, type SlackMessage } from "./render.ts";
import { createSend } from "./send.ts";

const webhookUrl = secret().refine((value) => isHttpUrl(value.reveal()), {
  message: "not an http or https URL",
});
const token = secret().refine((value) => /^[\x21-\x7e]+$/.test(value.reveal()), {
  message: "a token has no spaces or line breaks — look at the end of the secret's file",
});

const settings = z.strictObject({
  webhook_url: webhookUrl.optional().describe("An incoming webhook; its channel is fixed."),
  token: token
    .optional()
    .describe("A bot token with chat:write; needs channel. Can thread and update."),
  channel: z.string().min(1).optional().describe("Id of the channel, as C0123456789."),
  api_url: httpUrl().default("https://slack.com/api"),
});

const config = settings.check(({ value, issues }) => {
  const add = (path: string, message: string) =>
    issues.push({ code: "custom", input: value, path: [path], message });
  if (!value.webhook_url === !value.token)
    add("webhook_url", "give exactly one of webhook_url and token");
  if (!value.token !== !value.channel)
    add("channel", "token and channel go together; a webhook_url has its channel");
});
export type SlackConfig = z.infer<typeof settings>;

export const slack = defineDestination<SlackConfig, SlackMessage>({
  kind: "slack",
  summary: "Messages to a Slack channel, threaded when sent as a bot",
  // What came through an incoming webhook cannot be changed: nobody is told its ts.
  canUpdate: ({ token }) => token !== undefined,
  idempotency: null,
  config,
  // Slack takes about one message a second for each channel.
  // https://docs.slack.dev/apis/web-api/rate-limits
  defaults: { concurrency: 1, rate: { max: 1, per: 1000 } },
  create: (options, context) => ({
    render: renderSlack,
    send: createSend(options, context),
    close: async () => {},
  }),
});
