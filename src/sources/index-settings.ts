/** The settings that sources share which read indices of a cluster. */
import { z } from "zod";
import { readTime } from "../alert/time.ts";
import { duration, readDuration } from "../config/values.ts";
import type { StartTime } from "./index-feed/settings.ts";

/** What an index cannot be called, and what would be another path of the cluster's API. */
const INDEX = /^[^\s\\/?"<>|#A-Z]+$/;

/** An index, an alias or a pattern. */
export function indexName() {
  return z
    .string()
    .regex(INDEX, "not an index — write it like siem-alert or alerts-*, several with commas");
}

const startTime = z.string().transform((text, context): StartTime => {
  const start = readStart(text);
  if (start) return start;
  const message = `"${text}" is not a time — write it like 2026-03-01T00:00:00Z, or 24h`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

function readStart(text: string): StartTime | undefined {
  const ago = readDuration(text);
  if (ago !== undefined) return { kind: "ago", duration: ago };
  // Numbers would be times too, but nobody writes them.
  const time = /^\d{4}-/.test(text) ? readTime(text) : null;
  return time === null ? undefined : { kind: "at", time: Date.parse(time) };
}

/** A raw shape. Durations are milliseconds. */
export const indexSettings = {
  cluster: z.string().min(1).describe("Name of the cluster, from `clusters`."),
  size: z.int().min(1).max(10_000).default(1000).describe("Documents of one page."),
  overlap: duration("10m").describe("How far back each poll looks for what was indexed late."),
  settle: duration("5s").describe("How long what is new may take until it can be found."),
  start_time: startTime
    .optional()
    .describe(
      "The oldest to be read: a time, or how long before the first start. Default: that start.",
    ),
};
