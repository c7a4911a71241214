/** Alerts as cards in Google Chat, through a space's webhook. */
import { z } from "zod";
import { secret } from "../../config/values.ts";
import { isHttpUrl } from "../../config/url.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender, MAX_MESSAGE, type ChatMessage } from "./render.ts";
import { createSend } from "./send.ts";

const webhookUrl = secret().refine((value) => isWebhook(value.reveal()), {
  message:
    "not a webhook's URL — write it like https://chat.googleapis.com/v1/spaces/SPACE/messages?key=…&token=…",
});

function isWebhook(text: string): boolean {
  if (!isHttpUrl(text) || /\s/.test(text)) return false;
  const { pathname, searchParams } = new URL(text);
  return pathname.endsWith("/messages") && searchParams.has("key") && searchParams.has("token");
}

const config = z.strictObject({
  webhook_url: webhookUrl.describe("As Google Chat shows it; its space is fixed."),
  template: templateSetting({
    title: "The heading, in the HTML of cards.",
    text: "In the HTML of cards, in the place of facts, reason, artifacts and description.",
  }),
});
export type GoogleChatConfig = z.infer<typeof config>;

const CREATE =
  "https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create";

export const googleChat = defineDestination<GoogleChatConfig, ChatMessage>({
  kind: "google-chat",
  summary: "Cards to a Google Chat space, threaded",
  // To change a message takes an app with credentials of its own; a webhook can only create.
  canUpdate: () => false,
  repeat: {
    kind: "recognised",
    by: "requestId",
    retry:
      "Sends the message again; Google Chat answers with the one that it has for the requestId.",
  },
  limits: [{ of: "message", max: MAX_MESSAGE, unit: "bytes", beyond: "cut", source: CREATE }],
  config,
  // A space takes a message a second. https://developers.google.com/workspace/chat/limits
  defaults: { concurrency: 1, rate: { max: 1, per: 1000 }, statusUpdates: false },
  create: (settings, context) => ({
    render: createRender(settings.template, `destination ${context.name}`),
    show: (message) => ({ type: "application/json", text: JSON.stringify(message) }),
    send: createSend(settings.webhook_url.reveal(), context),
    close: async () => {},
  }),
});
