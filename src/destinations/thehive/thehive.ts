/** Alerts as alerts of TheHive 4 and 5, with their observables, and their cases as cases there. */
import { z } from "zod";
import { PAPS, TLPS } from "../../alert/schema.ts";
import { baseUrl } from "../../config/url.ts";
import { secret } from "../../config/values.ts";
import { defineDestination } from "../destination.ts";
import { templateSetting } from "../parts.ts";
import { createBody, MAX_BODY } from "./body.ts";
import { customFieldsSetting } from "./custom-fields.ts";
import { NOTHING_LEFT_OUT } from "./left-out.ts";
import { type HiveAlert, LIMITS } from "./model.ts";
import { createRender } from "./render.ts";
import { createSender } from "./send.ts";

const apiKey = secret().refine((value) => /^[\x21-\x7e]+$/.test(value.reveal()), {
  message: "an API key has no spaces or line breaks — look at the end of the secret's file",
});
const organisation = z
  .string()
  .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, "the name of an organisation, in ASCII");
const name = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^;\p{Cc}]+$/u, "a name without ';', which TheHive splits names at");
const status = z.string().min(1).max(LIMITS.status).optional();

const config = z.strictObject({
  url: baseUrl().describe("Where TheHive is, without /api."),
  api_key: apiKey,
  organisation: organisation
    .optional()
    .describe("The organisation to write to; without it the default one of the key's user."),
  version: z
    .literal(["auto", 4, 5])
    .default("auto")
    .describe("auto asks TheHive; 5 is 5.2 or newer, because TLP has other numbers before."),
  type: name(LIMITS.type)
    .optional()
    .describe("Type of alerts; without it the kind of their source."),
  source: name(LIMITS.source)
    .optional()
    .describe("Source of alerts; without it the name of their source."),
  tags: z
    .array(z.string().min(1).max(LIMITS.tag))
    .max(50)
    .default([])
    .describe("Tags for every alert, beside its own."),
  tlp: z.enum(TLPS).default("amber").describe("TLP of alerts that say none."),
  pap: z.enum(PAPS).default("amber").describe("PAP of alerts that say none."),
  custom_fields: customFieldsSetting(),
  case: z
    .enum(["none", "merge"])
    .default("none")
    .describe("merge: the alerts of a case become one case at TheHive."),
  statuses: z
    .strictObject({ new: status, acknowledged: status, closed: status })
    .default({})
    .describe(
      "Statuses of TheHive 5 that an alert gets with an update; without one it keeps its own.",
    ),
  template: templateSetting({
    title: "The title, plain text.",
    description: "The description, Markdown.",
  }),
});
export type TheHiveConfig = z.infer<typeof config>;

const API = "https://docs.strangebee.com/thehive/api-docs/";
const CONF_5 = "https://docs.strangebee.com/thehive/configuration/update-service-configuration/";
const CONF_4 =
  "https://github.com/TheHive-Project/TheHive/blob/b6649bb58938/thehive/conf/play/reference-overrides.conf";

export const thehive = defineDestination<TheHiveConfig, HiveAlert>({
  kind: "thehive",
  summary: "Alerts with their observables, and cases, in TheHive 4 and 5",
  canUpdate: () => true,
  repeat: {
    kind: "recognised",
    by: "sourceRef",
    retry:
      "Creates the alert again; TheHive refuses a second one with the same type, source and sourceRef, and the first is changed instead.",
  },
  limits: [
    { of: "type", max: LIMITS.type, unit: "characters", beyond: "cut", source: API },
    { of: "source", max: LIMITS.source, unit: "characters", beyond: "cut", source: API },
    // A hash stands for a longer one.
    { of: "sourceRef", max: LIMITS.sourceRef, unit: "characters", beyond: "left out", source: API },
    { of: "title", max: LIMITS.title, unit: "characters", beyond: "cut", source: API },
    { of: "tag", max: LIMITS.tag, unit: "characters", beyond: "cut", source: API },
    { of: "tags", max: LIMITS.tags, unit: "items", beyond: "left out", source: null },
    { of: "description", max: LIMITS.description, unit: "characters", beyond: "cut", source: null },
    { of: "link", max: LIMITS.externalLink, unit: "characters", beyond: "left out", source: API },
    { of: "observable", max: LIMITS.data, unit: "characters", beyond: "left out", source: API },
    { of: "body for 4", max: MAX_BODY[4], unit: "bytes", beyond: "left out", source: CONF_4 },
    { of: "body for 5", max: MAX_BODY[5], unit: "bytes", beyond: "left out", source: CONF_5 },
  ],
  config,
  defaults: { concurrency: 4, statusUpdates: true },
  create: (options, context) => {
    const { dialect, send } = createSender(options, context);
    return {
      render: createRender(options, `destination ${context.name}`),
      show: (alert) => ({
        type: "application/json",
        text: createBody(alert, dialect(), NOTHING_LEFT_OUT),
      }),
      send,
      close: async () => {},
    };
  },
});
