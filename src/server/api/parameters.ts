/** Parameters that several routes take. */
import { z } from "zod";
import { readDuration } from "../../config/values.ts";
import { fail } from "../../errors.ts";
import { DEFAULT_LIMIT, MAX_LIMIT, ORDERS } from "../../ledger/page.ts";

/** Parameters of every list. */
export const pageParameters = {
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().optional().describe("`next` of the page before."),
  order: z.enum(ORDERS).default("newest"),
};

/** A time, or a duration before now. */
export const timeParameter = z
  .string()
  .optional()
  .describe("A time like 2026-05-04T12:00:00Z, or how long ago: 90s, 10m, 24h, 7d.");

export const idParameters = z.object({ id: z.string().max(200) });
export const nameParameters = z.object({ name: z.string().max(200) });
export const numberParameters = z.object({ id: z.coerce.number().int().min(1) });

/** What every error looks like. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    message: z.string().describe("The same as `detail`."),
    code: z.string(),
    hint: z.string().optional(),
    request_id: z.string(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe("What is wrong with the request, part by part."),
  })
  .meta({ id: "Problem" });

const PROBLEM = {
  description: "What went wrong, and what to do about it.",
  content: { "application/problem+json": { schema: problemSchema } },
};

/** Answers of a route besides the good one. */
export const PROBLEMS = { "4xx": PROBLEM, "5xx": PROBLEM };

/** Epoch milliseconds of a `timeParameter`; undefined without one. Throws REQUEST_INVALID. */
export function readTime(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ago = readDuration(text);
  if (ago !== undefined) return now - ago;
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw fail("REQUEST_INVALID", {
    component: "api",
    message: `"${text}" is not a time`,
    hint: "Write a time like 2026-05-04T12:00:00Z, or how long ago: 10m, 24h, 7d.",
  });
}
