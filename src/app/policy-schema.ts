/** The schema of what decides between alerts and messages: policies, silences, calendars, pace. */
import { z } from "zod";
import { ARTIFACT_TYPES } from "../alert/schema.ts";
import { SEVERITIES } from "../alert/severity.ts";
import { isDay, readOpening } from "../calendar/opening.ts";
import { isTimeZone } from "../calendar/zone.ts";
import { REPEATS } from "../pipeline/policies.ts";
import { AT_END } from "../silence/silence.ts";
import { fields, name, span, wait } from "./scalars.ts";

const policyName = name.describe("Names the policy in traces and lists.");
const artifactType = z.enum(ARTIFACT_TYPES);

const timeZone = z
  .string()
  .refine(isTimeZone, "not a time zone — write it like Europe/Berlin or UTC");

const fold = z.strictObject({
  name: policyName,
  match: z.string().default("*").describe("KQL: which alerts it folds."),
  by: fields
    .optional()
    .describe(
      "Fields whose values make an alert a repeat; without it source, rule, hosts, users and source addresses.",
    ),
  window: span("1h").describe("Longest time between two of them."),
});

const cases = z.strictObject({
  name: policyName,
  match: z.string().default("*").describe("KQL: which alerts get a case."),
  group_by: fields.optional().describe("Fields whose values the alerts of a case have in common."),
  share: z
    .array(artifactType)
    .min(1)
    .optional()
    .describe("Instead of `group_by`: types of artifacts, one of which they have in common."),
  window: span("4h").describe("Longest time between an alert and the case's others."),
  max_alerts: z.int().min(1).default(500).describe("Most alerts; the next one opens another case."),
  title: z
    .string()
    .min(1)
    .optional()
    .describe("Liquid template over `alert` and `key`; the title of the first alert without it."),
  assignee: z.string().min(1).optional().describe("Owner of new cases."),
  tags: z.array(z.string().min(1)).default([]).describe("Tags of new cases."),
});

/** Its parts are kept with its state, so the number has a bound. */
const MOST_COUNTED = 1000;

const count = z
  .string()
  .meta({ pattern: "^\\s*>=?\\s*\\d+\\s*$" })
  .transform((text, context) => {
    const [, operator, digits] = /^\s*(>=?)\s*(\d{1,9})\s*$/.exec(text) ?? [];
    const least = Number(digits) + (operator === ">" ? 1 : 0);
    if (least >= 2 && least <= MOST_COUNTED) return least;
    const message = operator
      ? `must come to between 2 and ${MOST_COUNTED} alerts`
      : `"${text}" is not a count — write it like "> 10" or ">= 10"`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

const correlate = z.strictObject({
  name: policyName,
  match: z.string().optional().describe("KQL: which alerts are counted; all without it."),
  count: count.optional().describe("How many of them make a match: `> 10` or `>= 10`."),
  sequence: z
    .array(z.string())
    .min(2)
    .optional()
    .describe("Instead of `count`: KQL for each alert of an ordered sequence."),
  by: fields.describe("Fields whose values the alerts of a match have in common."),
  within: span().describe("Longest time between the first and the last alert of a match."),
  severity: z.enum(SEVERITIES).default("high").describe("Severity of the alert that a match is."),
  title: z.string().min(1).optional().describe("Its title; made from name and values without it."),
});

const inhibit = z.strictObject({
  name: policyName,
  while: z.string().describe("KQL: as long as such an alert is open …"),
  mute: z.string().describe("KQL: … such alerts are not sent."),
  equal: fields.describe("Fields whose values both have in common."),
});

const time = z.iso
  .datetime({
    offset: true,
    error: "not a time — write it like 2026-12-24T18:00:00Z or 2026-12-24T18:00:00+01:00",
  })
  .transform((text) => new Date(text).toISOString());

const silenceName = name.refine(
  (text) => !/^S-\d+$/i.test(text),
  "taken by silences that are made by hand — choose another name than S-…",
);

const silence = z.strictObject({
  name: silenceName.describe("Names the silence in traces and lists."),
  match: z.string().describe("KQL: which alerts it holds back."),
  from: time.optional().describe("When it begins, or begins to recur; at once without it."),
  until: time.optional().describe("When it ends for good."),
  cron: z
    .string()
    .optional()
    .describe("When it begins again and again: minute hour day month weekday."),
  for: span().optional().describe("With `cron`: how long it lasts each time."),
  time_zone: timeZone.optional().describe("With `cron`: whose clock it goes by; UTC without it."),
  comment: z
    .string()
    .trim()
    .min(1)
    .max(2000)
    .describe("Why; shown wherever it held something back."),
  author: z.string().min(1).optional().describe("Whom to ask about it."),
  at_end: z
    .enum(AT_END)
    .default("nothing")
    .describe("`digest` tells of what is still open when it ends, in one message."),
  remind: span().optional().describe("How long before `until` operators are told that it ends."),
});

const opening = z.string().superRefine((text, context) => {
  const read = readOpening(text);
  if ("problem" in read) context.addIssue({ code: "custom", message: read.problem });
});

const day = z.string().refine(isDay, "not a day — write it like 2026-12-25");

const calendar = z.strictObject({
  time_zone: timeZone.default("UTC").describe("Whose clock it goes by; an IANA name."),
  open: z
    .array(opening)
    .min(1)
    .describe("Opening hours: `mon-fri 08:00-18:00`, `sat,sun 10:00-12:00`."),
  closed: z.array(day).default([]).describe("Days on which it stays closed."),
});

const stopValues = z.partialRecord(artifactType, z.array(z.string().min(1)));

/** What stands at the top of the file. */
export const policies = {
  fold: z
    .array(fold)
    .default([])
    .describe("When an alert is a repeat; the first that matches decides."),
  cases: z
    .array(cases)
    .default([])
    .describe("Which alerts form cases; the first that matches decides."),
  correlate: z.array(correlate).default([]).describe("What many alerts, or a sequence, come to."),
  inhibit: z.array(inhibit).default([]).describe("Alerts that are muted while others are open."),
  silences: z.array(silence).default([]).describe("Alerts that are held back for a time."),
  calendars: z.record(name, calendar).default({}).describe("Business hours, by name."),
  stop_values: stopValues
    .default({})
    .describe("Artifacts that relate no cases, by type, beside the built-in ones (`127.0.0.1`)."),
};

const limit = z.strictObject({
  max: z.int().min(1).describe("Messages at once."),
  per: span().describe("The time after which as many more may follow."),
  by: fields.optional().describe("Fields; each of their values has a limit of its own."),
  except: z.string().optional().describe("KQL: what is sent in any case."),
});

const hours = z.strictObject({
  calendar: z.string().describe("Name of a calendar."),
  outside: z
    .union([z.literal("hold"), z.array(z.string()).min(1)])
    .default("hold")
    .describe("While it is closed: keep messages until it opens, or send them there instead."),
});

/** How fast a route speaks. */
export const pace = {
  group_by: fields.optional().describe("Fields; alerts with the same values are told of together."),
  group_wait: wait("30s").describe("How long the first alert of a group waits for others."),
  group_interval: span("5m").describe("Least time between two messages of a group."),
  repeats: z
    .enum(REPEATS)
    .optional()
    .describe(
      "What is told of a repeat: nothing, an update of the message, a reminder; `remind` where `repeat_every` is given, else `none`.",
    ),
  repeat_every: span().optional().describe("Least time between two reminders; 4h without it."),
  limit: limit.optional().describe("Most messages; what is over it comes as one digest."),
  hours: hours.optional().describe("When somebody reads."),
};
