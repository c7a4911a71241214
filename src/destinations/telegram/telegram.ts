/** Alerts as Telegram messages, sent by a bot. */
import { z } from "zod";
import { baseUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender, MAX_TEXT, type TelegramMessage } from "./render.ts";
import { createSend } from "./send.ts";

const token = secret().refine((value) => /^\d+:[\w-]{20,}$/.test(value.reveal()), {
  message: "not a bot's token, as 123456:ABC… — look at the end of the secret's file",
});

const config = z.strictObject({
  token: token.describe("A bot's token, from @BotFather."),
  chat_id: z
    .string()
    .regex(/^(-?\d{1,20}|@\w{4,64})$/, 'not a chat — write it like "-1001234567890" or "@channel"')
    .describe("Id of the chat, in quotes, or the name of a public channel."),
  topic_id: z.number().int().min(1).optional().describe("A topic of a group with topics."),
  api_url: baseUrl().default("https://api.telegram.org"),
  template: templateSetting({
    title: "The heading, in Telegram's HTML.",
    text: "In Telegram's HTML, in the place of facts, reason, artifacts and description.",
  }),
});
export type TelegramConfig = z.infer<typeof config>;

const SEND = "https://core.telegram.org/bots/api#sendmessage";

export const telegram = defineDestination<TelegramConfig, TelegramMessage>({
  kind: "telegram",
  summary: "Messages of a Telegram bot, threaded and kept up to date",
  canUpdate: () => true,
  repeat: {
    kind: "shown",
    by: null,
    retry: "Sends the message again; Telegram cannot recognise it.",
  },
  limits: [{ of: "text", max: MAX_TEXT, unit: "characters", beyond: "cut", source: SEND }],
  config,
  // A group takes 20 messages a minute.
  // https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
  defaults: { concurrency: 1, rate: { max: 20, per: 60_000 }, statusUpdates: true },
  create: (settings, context) => ({
    render: createRender(settings.template, `destination ${context.name}`),
    show: (message) => ({ type: "application/json", text: JSON.stringify(message) }),
    send: createSend(settings, context),
    close: async () => {},
  }),
});
