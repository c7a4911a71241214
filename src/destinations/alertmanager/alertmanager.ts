/** Alerts as alerts of an Alertmanager, which groups, silences and routes them on its own. */
import { z } from "zod";
import { baseUrl } from "../../config/url.ts";
import { duration, secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender, type AlertmanagerAlerts } from "./render.ts";
import { createSend } from "./send.ts";

const headerText = secret().refine((value) => /^[\x20-\x7e]+$/.test(value.reveal()), {
  message: "not printable ASCII — look at the end of the secret's file",
});

/** Set by Tocsin, for they are what an alert is recognised by. */
const OWN_LABELS = ["alertname", "severity", "source", "tocsin_id", "digest", "test"];
const labelName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "not a label's name")
  .refine((name) => !OWN_LABELS.includes(name), { message: "this label is set by Tocsin" });

const settings = z.strictObject({
  url: baseUrl().describe("The Alertmanager, with its prefix if it has one: http://am.lab:9093."),
  username: z
    .string()
    .regex(/^[^:\s]+$/, "a user's name has no colon and no blank")
    .optional()
    .describe("For Basic authentication; goes with password."),
  password: headerText.optional(),
  token: headerText.optional().describe("For Bearer authentication."),
  labels: z
    .record(labelName, z.string().min(1))
    .default({})
    .describe("More labels for every alert, to route by. Changing them makes other alerts."),
  expires: duration("7d").describe(
    "Alertmanager takes an alert for resolved when it was not seen again for so long.",
  ),
  template: templateSetting({
    title: "The annotation summary, plain text.",
    text: "The annotation description, plain text.",
  }),
});

const config = settings.check(({ value, issues }) => {
  const add = (path: string, message: string) =>
    issues.push({ code: "custom", input: value, path: [path], message });
  if (!value.username !== !value.password) add("password", "username and password go together");
  if (value.username && value.token) add("token", "give a user or a token, not both");
});
export type AlertmanagerConfig = z.infer<typeof settings>;

export const alertmanager = defineDestination<AlertmanagerConfig, AlertmanagerAlerts>({
  kind: "alertmanager",
  summary: "Alerts of a Prometheus Alertmanager, resolved when they are closed",
  canUpdate: () => true,
  repeat: {
    kind: "recognised",
    by: "labels",
    retry: "Sends the alert again; with the same labels it is the same alert.",
  },
  // Alertmanager has none; ours are in render.ts.
  limits: [],
  config,
  defaults: { concurrency: 4, statusUpdates: true },
  create: (options, context) => ({
    render: createRender(options, `destination ${context.name}`),
    show: (alerts) => ({ type: "application/json", text: JSON.stringify(alerts) }),
    send: createSend(options, context),
    close: async () => {},
  }),
});
