/** Alerts as Adaptive Cards in Microsoft Teams, through a workflow's webhook. */
import { z } from "zod";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { secretUrl } from "../secret-url.ts";
import { createRender, MAX_BODY, type TeamsMessage } from "./render.ts";
import { createSend } from "./send.ts";

const config = z.strictObject({
  webhook_url: secretUrl().describe("Of a workflow that posts what it receives as a card."),
  template: templateSetting({
    title: "The heading, in Markdown.",
    text: "In Markdown, in the place of facts, reason, artifacts and description.",
  }),
});
export type TeamsConfig = z.infer<typeof config>;

const SIZE = "https://learn.microsoft.com/en-us/connectors/teams/";

export const teams = defineDestination<TeamsConfig, TeamsMessage>({
  kind: "teams",
  summary: "Adaptive Cards to a Microsoft Teams channel or chat, through a workflow",
  // A workflow answers before anything is posted, and never says what the message is called.
  canUpdate: () => false,
  repeat: {
    kind: "shown",
    by: null,
    retry: "Posts the card again; a workflow cannot recognise it.",
  },
  limits: [{ of: "message", max: MAX_BODY, unit: "bytes", beyond: "cut", source: SIZE }],
  config,
  // Teams takes four messages a second; a workflow is slower than that.
  // https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
  defaults: { concurrency: 1, rate: { max: 2, per: 1000 }, statusUpdates: false },
  create: (settings, context) => ({
    render: createRender(settings.template, `destination ${context.name}`),
    show: (message) => ({ type: "application/json", text: JSON.stringify(message) }),
    send: createSend(settings.webhook_url.reveal(), context),
    close: async () => {},
  }),
});
