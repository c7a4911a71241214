/** Silences as people ask for them: the bodies of the API, and what the configuration says. */
import { z } from "zod";
import { isTimeZone } from "../calendar/zone.ts";
import { duration } from "../config/values.ts";
import { TocsinError } from "../errors.ts";
import { parseKql } from "../kql/index.ts";
import { readCron } from "./cron.ts";
import { AT_END } from "./silence.ts";

const kql = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    try {
      parseKql(text);
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error;
      const message = error.hint === undefined ? error.message : `${error.message} — ${error.hint}`;
      context.addIssue({ code: "custom", message });
    }
  });

const cron = z.string().superRefine((text, context) => {
  const read = readCron(text, null);
  if ("problem" in read) context.addIssue({ code: "custom", message: read.problem });
});

const time = z.iso
  .datetime({ offset: true, error: "not a time — write it like 2026-12-24T18:00:00Z" })
  .transform((text) => new Date(text).toISOString());

const timeZone = z
  .string()
  .refine(isTimeZone, "not a time zone — write it like Europe/Berlin or UTC");

const span = duration().refine((length) => length >= 1000, "must be a second at least");
const comment = z.string().trim().min(1).max(2000);

const fields = {
  match: kql.describe("KQL: which alerts it holds back."),
  until: time.nullable().optional().describe("When it ends for good; null for never."),
  for: span
    .optional()
    .describe("How long it lasts from its beginning; with `cron`, how long each time."),
  cron: cron.optional().describe("When it begins again and again: minute hour day month weekday."),
  time_zone: timeZone.optional().describe("With `cron`: whose clock it goes by; UTC without it."),
  comment: comment.describe("Why; shown wherever it held something back."),
  remind: span
    .nullable()
    .optional()
    .describe("How long before its end for good operators are told of it."),
};

/** A silence to be made. How its fields go together is checked by `newSilence`. */
export const silenceWishSchema = z.strictObject({
  ...fields,
  from: time.optional().describe("When it begins; at once without it."),
  at_end: z
    .enum(AT_END)
    .default("nothing")
    .describe("`digest` tells of what is still open when a window ends, in one message."),
});
export type SilenceWish = z.output<typeof silenceWishSchema>;

/** What is to be different; what is left out stays. */
export const silenceChangeSchema = z
  .strictObject({ ...fields, at_end: z.enum(AT_END) })
  .partial()
  .refine((change) => Object.keys(change).length > 0, "nothing to change");
export type SilenceChange = z.output<typeof silenceChangeSchema>;

/** A silence as the configuration has it, validated there. */
export interface ConfiguredSilence extends SilenceWish {
  readonly name: string;
  readonly author?: string | undefined;
}
