/** Alerts as issues of Jira: Cloud (REST v3) and Server or Data Center (REST v2). */
import { z } from "zod";
import { SEVERITIES } from "../../alert/severity.ts";
import { baseUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender, type JiraDraft } from "./render.ts";
import { createSend } from "./send.ts";

const token = secret().refine((value) => /^[\x21-\x7e]+$/.test(value.reveal()), {
  message: "a token has no spaces or line breaks — look at the end of the secret's file",
});
const name = z.string().min(1).max(255);

const settings = z.strictObject({
  url: baseUrl().describe("Of the site: https://example.atlassian.net."),
  api: z
    .enum(["cloud", "server"])
    .default("cloud")
    .describe("cloud speaks REST v3, server REST v2, which Server and Data Center have."),
  email: z.string().email().optional().describe("Of the account whose token it is; cloud only."),
  token: token.describe("API token of the account (cloud) or its personal access token (server)."),
  project: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]+$/, "not a project key — write it like SOC")
    .describe("Key of the project."),
  issue_type: name.default("Task"),
  labels: z
    .array(z.string().regex(/^[^\s"\\]{1,255}$/, "a label has no spaces and quotes"))
    .default([])
    .describe("Labels that every issue gets."),
  priority: z
    .partialRecord(z.enum(SEVERITIES), name)
    .default({})
    .describe("Names of priorities by severity; without it the project's default."),
  fields: z
    .record(z.string().min(1), z.json())
    .default({})
    .describe("Further fields that every issue gets, as the API takes them."),
  case: z
    .enum(["alert", "issue"])
    .default("alert")
    .describe("alert makes an issue of every alert, issue makes one of every case."),
  transitions: z
    .strictObject({
      new: name.optional().describe("When it is open again though the issue is done."),
      acknowledged: name.optional(),
      closed: name.optional(),
    })
    .default({ closed: "Done" })
    .describe("Names of transitions, or of the statuses that they lead to, by the alert's status."),
  template: templateSetting({
    title: "The summary of the issue, in one line.",
    text: "The description: plain text for cloud, wiki markup for server.",
    comment: "The comment that a repeat, an update or a reminder adds.",
  }),
});

const config = settings.superRefine((value, context) => {
  if ((value.api === "cloud") === (value.email !== undefined)) return;
  const message = "email goes with api: cloud, and only with it";
  context.addIssue({ code: "custom", path: ["email"], message });
});
export type JiraConfig = z.infer<typeof config>;

const LENGTHS =
  "https://confluence.atlassian.com/adminjiraserver/configuring-advanced-settings-938847761.html";
const LABELS = "https://jira.atlassian.com/browse/JRASERVER-24907";

export const jira = defineDestination<JiraConfig, JiraDraft>({
  kind: "jira",
  summary: "Issues of Jira Cloud, Server and Data Center, commented and closed with the alert",
  canUpdate: () => true,
  repeat: {
    kind: "recognised",
    by: "label",
    retry:
      "Looks for the issue by the alert's label first, and for the comment by the message's key; Jira Cloud shows new issues to a search some seconds late.",
  },
  limits: [
    { of: "summary", max: 255, unit: "characters", beyond: "cut", source: LENGTHS },
    { of: "text", max: 32_767, unit: "characters", beyond: "cut", source: LENGTHS },
    { of: "label", max: 255, unit: "characters", beyond: "left out", source: LABELS },
  ],
  config,
  // Creating an issue is slow work for Jira, and its rate is shared with people.
  defaults: { concurrency: 2, statusUpdates: true },
  create: (options, context) => ({
    render: createRender(options, `destination ${context.name}`),
    show: ({ fields, comment, isFirst }) => ({
      type: "application/json",
      text: JSON.stringify(isFirst ? { fields } : { body: comment }),
    }),
    send: createSend(options, context),
    close: async () => {},
  }),
});
