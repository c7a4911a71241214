/** Alerts as Discord messages, through a channel's webhook. */
import { z } from "zod";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender, LIMITS, type DiscordMessage } from "./render.ts";
import { createSend } from "./send.ts";

const WEBHOOK = /^https?:\/\/[^/?#\s@]+\/api(\/v\d+)?\/webhooks\/\d+\/[\w-]+$/;
const webhookUrl = secret().refine((value) => WEBHOOK.test(value.reveal()), {
  message: "not a webhook's URL — write it like https://discord.com/api/webhooks/ID/TOKEN",
});

const config = z.strictObject({
  webhook_url: webhookUrl.describe("As Discord shows it; its channel is fixed."),
  thread_id: z
    .string()
    .regex(/^\d{17,20}$/, "not a thread's id")
    .optional()
    .describe("A thread of the webhook's channel."),
  template: templateSetting({
    title: "The heading, in Markdown.",
    text: "In Markdown, in the place of facts, reason, artifacts and description.",
  }),
});
export type DiscordConfig = z.infer<typeof config>;

const EMBED = "https://discord.com/developers/docs/resources/message#embed-object-embed-limits";
const MESSAGE = "https://discord.com/developers/docs/resources/webhook#execute-webhook";

export const discord = defineDestination<DiscordConfig, DiscordMessage>({
  kind: "discord",
  summary: "Messages to a Discord channel, kept up to date",
  canUpdate: () => true,
  repeat: {
    kind: "shown",
    by: null,
    retry: "Posts the message again; Discord cannot recognise what a webhook sends.",
  },
  limits: [
    { of: "content", max: LIMITS.content, unit: "characters", beyond: "left out", source: MESSAGE },
    {
      of: "description",
      max: LIMITS.description,
      unit: "characters",
      beyond: "cut",
      source: EMBED,
    },
    { of: "field", max: LIMITS.field, unit: "characters", beyond: "left out", source: EMBED },
    { of: "fields", max: LIMITS.fields, unit: "items", beyond: "left out", source: EMBED },
    { of: "embed", max: LIMITS.embed, unit: "characters", beyond: "cut", source: EMBED },
  ],
  config,
  // Known by practice; what Discord really takes it says in the headers of its answers.
  defaults: { concurrency: 1, rate: { max: 30, per: 60_000 }, statusUpdates: true },
  create: (settings, context) => ({
    render: createRender(settings.template, `destination ${context.name}`),
    show: (message) => ({ type: "application/json", text: JSON.stringify(message) }),
    send: createSend(settings, context),
    close: async () => {},
  }),
});
