/** Alerts as Slack messages, through an incoming webhook or as a bot. */
import { z } from "zod";
import { httpUrl, isHttpUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { compileParts, templateSetting } from "../parts.ts";
import { escapeCode, LIMITS } from "./blocks.ts";
import { createCallback } from "./callback.ts";
import { renderSlack, type SlackMessage } from "./render.ts";
import { createSend } from "./send.ts";

const webhookUrl = secret().refine((value) => isHttpUrl(value.reveal()), {
  message: "not an http or https URL",
});
const token = secret().refine((value) => /^[\x21-\x7e]+$/.test(value.reveal()), {
  message: "a token has no spaces or line breaks — look at the end of the secret's file",
});

const userId = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,}$/, "not the id of a Slack user — copy it from the person's profile");
const userName = z.string().regex(/^[^\p{Cc}]{1,100}$/u, "not a name in one line");

const actions = z.strictObject({
  signing_secret: token.describe("Of the app; shows that a click comes from Slack."),
  users: z
    .record(userId, userName)
    .describe("Who may use the buttons: ids of Slack users with the names they act under."),
});

const settings = z.strictObject({
  webhook_url: webhookUrl.optional().describe("An incoming webhook; its channel is fixed."),
  token: token
    .optional()
    .describe("A bot token with chat:write; needs channel. Can thread and update."),
  channel: z.string().min(1).optional().describe("Id of the channel, as C0123456789."),
  api_url: httpUrl().default("https://slack.com/api"),
  actions: actions
    .optional()
    .describe("Buttons to acknowledge, silence, close and reopen an alert; needs token."),
  template: templateSetting({
    title: "The heading and the notification, as plain text.",
    facts: "In the place of the table of facts, as mrkdwn.",
    text: "In the place of reason, artifacts and description, or of a digest's alerts, as mrkdwn.",
  }),
});

const config = settings.check(({ value, issues }) => {
  const add = (path: string, message: string) =>
    issues.push({ code: "custom", input: value, path: [path], message });
  if (!value.webhook_url === !value.token)
    add("webhook_url", "give exactly one of webhook_url and token");
  if (!value.token !== !value.channel)
    add("channel", "token and channel go together; a webhook_url has its channel");
  if (value.actions && !value.token)
    add("actions", "buttons need a bot — give token and channel, not webhook_url");
});
export type SlackConfig = z.infer<typeof settings>;

// No value needs more room than a section has, and a template's output and time have an end.
const asPlain = { text: null, max: LIMITS.section };
const asMarkup = { text: escapeCode, max: LIMITS.section };
const PARTS = { title: asPlain, facts: asMarkup, text: asMarkup };

const BLOCKS = "https://docs.slack.dev/reference/block-kit/blocks";
const BUTTON = "https://docs.slack.dev/reference/block-kit/block-elements/button-element";
const SUM = "https://github.com/slackapi/bolt-js/issues/2509";

export const slack = defineDestination<SlackConfig, SlackMessage>({
  kind: "slack",
  summary: "Messages to a Slack channel, with threads, updates and buttons when sent as a bot",
  // What came through an incoming webhook cannot be changed: nobody is told its ts.
  canUpdate: ({ token }) => token !== undefined,
  repeat: {
    kind: "shown",
    by: null,
    retry: "Posts the message again; Slack cannot recognise it.",
  },
  limits: [
    {
      of: "heading",
      max: 150,
      unit: "characters",
      beyond: "cut",
      source: `${BLOCKS}/header-block`,
    },
    {
      of: "section",
      max: 3000,
      unit: "characters",
      beyond: "cut",
      source: `${BLOCKS}/section-block`,
    },
    { of: "fields", max: 10, unit: "items", beyond: "split", source: `${BLOCKS}/section-block` },
    {
      of: "field",
      max: 2000,
      unit: "characters",
      beyond: "left out",
      source: `${BLOCKS}/section-block`,
    },
    { of: "button's URL", max: 3000, unit: "characters", beyond: "left out", source: BUTTON },
    { of: "blocks", max: 50, unit: "items", beyond: "left out", source: BLOCKS },
    { of: "all blocks", max: 13_200, unit: "characters", beyond: "cut", source: SUM },
  ],
  config,
  // Slack takes about one message a second for each channel.
  // https://docs.slack.dev/apis/web-api/rate-limits
  defaults: { concurrency: 1, rate: { max: 1, per: 1000 }, statusUpdates: true },
  create(options, context) {
    const { template, actions: acting, api_url } = options;
    const parts = compileParts(template, PARTS, `destination ${context.name}`);
    const hasActions = acting !== undefined;
    return {
      render: (message) => renderSlack(message, { parts, hasActions }),
      show: (message) => ({ type: "application/json", text: JSON.stringify(message) }),
      send: createSend(options, context),
      ...(acting && { callback: createCallback({ ...acting, api_url }, context) }),
      close: async () => {},
    };
  },
});
