/** Alerts as Mattermost posts, through an incoming webhook or as a bot. */
import { z } from "zod";
import { baseUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { secretUrl } from "../secret-url.ts";
import { createRender, MAX_TEXT, showPost, type MattermostMessage } from "./render.ts";
import { createSend } from "./send.ts";

const token = secret().refine((value) => /^[\x21-\x7e]+$/.test(value.reveal()), {
  message: "a token has no spaces or line breaks — look at the end of the secret's file",
});

const settings = z.strictObject({
  webhook_url: secretUrl().optional().describe("An incoming webhook; its channel is fixed."),
  url: baseUrl().optional().describe("The server, for a bot: https://chat.example.org."),
  token: token.optional().describe("A bot's access token. Can thread and update."),
  channel_id: z
    .string()
    .regex(/^[a-z0-9]{26}$/, "not a channel's id, which has 26 letters and digits")
    .optional()
    .describe("Id of the channel, for a bot; the bot has to be a member."),
  template: templateSetting({
    title: "The heading, in Markdown.",
    text: "In Markdown, in the place of facts, reason, artifacts and description.",
  }),
});

const config = settings.check(({ value, issues }) => {
  const add = (path: string, message: string) =>
    issues.push({ code: "custom", input: value, path: [path], message });
  if (!value.webhook_url === !value.token)
    add("webhook_url", "give exactly one of webhook_url and token");
  if (!value.token !== !value.url) add("url", "url and token go together");
  if (!value.token !== !value.channel_id)
    add("channel_id", "token and channel_id go together; a webhook_url has its channel");
});
export type MattermostConfig = z.infer<typeof settings>;

const SIZE = "https://github.com/mattermost/mattermost/blob/master/server/public/model/post.go";

export const mattermost = defineDestination<MattermostConfig, MattermostMessage>({
  kind: "mattermost",
  summary: "Posts to a Mattermost channel, threaded and kept up to date when sent as a bot",
  // A webhook answers `ok`, and nobody is told the post's id.
  canUpdate: ({ token: own }) => own !== undefined,
  repeat: {
    kind: "shown",
    by: null,
    retry: "Posts the message again; as a bot, Mattermost recognises it for 30 seconds.",
  },
  limits: [{ of: "message", max: MAX_TEXT, unit: "characters", beyond: "cut", source: SIZE }],
  config,
  // Servers with rate limits take ten requests a second unless they are told otherwise.
  defaults: { concurrency: 1, rate: { max: 5, per: 1000 }, statusUpdates: true },
  create: (options, context) => ({
    render: createRender(options.template, `destination ${context.name}`),
    show: (message) => ({
      type: "application/json",
      text: JSON.stringify(options.token ? showPost(message) : message),
    }),
    send: createSend(options, context),
    close: async () => {},
  }),
});
