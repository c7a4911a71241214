/** Alerts as incidents of ServiceNow, through its Table API. */
import { z } from "zod";
import { SEVERITIES } from "../../alert/severity.ts";
import { baseUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createRender, type IncidentDraft } from "./render.ts";
import { createSend } from "./send.ts";

const value = z.string().min(1).max(100);
const level = z.enum(["1", "2", "3"]);
const levels = z.partialRecord(z.enum(SEVERITIES), level);

const settings = z.strictObject({
  url: baseUrl().describe("Of the instance: https://example.service-now.com."),
  username: z.string().min(1).optional().describe("With password, for Basic authentication."),
  password: secret().optional(),
  token: secret()
    .optional()
    .describe("An OAuth access token, in the place of username and password."),
  table: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, "not a table's name — write it like incident")
    .default("incident")
    .describe("A table that extends task; sn_si_incident for security incidents."),
  urgency: levels
    .default({})
    .describe("1 high, 2 medium or 3 low, by severity, over the usual ones."),
  impact: levels.default({}).describe("The same for the impact."),
  fields: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string())
    .default({})
    .describe("Further fields that every record gets: assignment_group, category."),
  states: z
    .strictObject({
      new: value.optional().describe("When it is open again though the record is resolved."),
      acknowledged: value.optional(),
      closed: value.optional(),
    })
    .default({ new: "2", acknowledged: "2", closed: "6" })
    .describe("Values of state by the alert's status."),
  close_code: value.default("Solution provided").describe("Set with the state when it is closed."),
  template: templateSetting({
    title: "The short description, in one line.",
    text: "The description.",
    comment: "The work note that a repeat, an update or a reminder adds.",
  }),
});

const config = settings.superRefine((given, context) => {
  const isBasic = given.username !== undefined && given.password !== undefined;
  const isMixed = given.token && (given.username !== undefined || given.password);
  if (!isMixed && (isBasic || given.token)) return;
  const message = "give either username and password, or token";
  context.addIssue({ code: "custom", path: ["username"], message });
});
export type ServiceNowConfig = z.infer<typeof config>;

export const servicenow = defineDestination<ServiceNowConfig, IncidentDraft>({
  kind: "servicenow",
  summary: "Incidents of ServiceNow, with work notes, resolved with the alert",
  canUpdate: () => true,
  repeat: {
    kind: "recognised",
    by: "correlation_id",
    retry:
      "Looks for the incident by its correlation id first, and for the work note by the message's key.",
  },
  // The lengths of the fields in a new instance; longer values are cut there without a word.
  limits: [
    { of: "short_description", max: 160, unit: "characters", beyond: "cut", source: null },
    { of: "text", max: 4000, unit: "characters", beyond: "cut", source: null },
    { of: "correlation_id", max: 100, unit: "characters", beyond: "left out", source: null },
  ],
  config,
  defaults: { concurrency: 2, statusUpdates: true },
  create: (options, context) => ({
    render: createRender(options, `destination ${context.name}`),
    show: ({ isFirst, record, note }) => ({
      type: "application/json",
      text: JSON.stringify(isFirst ? record : { work_notes: note }),
    }),
    send: createSend(options, context),
    close: async () => {},
  }),
});
