/** The options of silences, and what is read from them. */
import type { Command } from "commander";
import type { z } from "zod";
import { splitHint } from "../config/problem.ts";
import {
  silenceChangeSchema,
  silenceWishSchema,
  type SilenceChange,
  type SilenceWish,
} from "../silence/wish.ts";
import { usage } from "./failure.ts";

/** As they were written; the schemas read them. */
export interface SilenceOptions {
  readonly match?: string;
  readonly from?: string;
  readonly until?: string;
  readonly for?: string;
  readonly cron?: string;
  readonly timeZone?: string;
  readonly comment?: string;
  readonly atEnd?: string;
  readonly remind?: string;
}

/** Adds the options that say what a silence is to be. */
export function addSilenceOptions(command: Command): Command {
  return command
    .option("--match <kql>", "which alerts it holds back, such as 'host.name: web-*'")
    .option("--until <time>", "when it ends for good: 2026-03-01T10:00:00Z, or never")
    .option("--for <duration>", "how long it lasts from its beginning; with --cron, each time")
    .option("--cron <pattern>", "when it begins again and again, such as '0 22 * * tue'")
    .option(
      "--time-zone <zone>",
      "whose clock --cron goes by, such as Europe/Berlin (default: UTC)",
    )
    .option("--comment <text>", "why; shown wherever it held something back")
    .option("--at-end <what>", "nothing, or digest: tell of what is still open when it ends")
    .option("--remind <duration>", "tell operators so long before it ends for good, or never");
}

/** The silence that the options ask for. Throws USAGE. */
export function readWish(options: SilenceOptions): SilenceWish {
  for (const name of ["match", "comment"] as const) {
    if (options[name] === undefined) throw usage(`--${name} is missing`, `add --${name} TEXT`);
  }
  return read(silenceWishSchema, { ...bodyOf(options), from: options.from });
}

/** What the options change. Throws USAGE. */
export function readChange(options: SilenceOptions): SilenceChange {
  return read(silenceChangeSchema, bodyOf(options));
}

/** As a request to the API would have it, without what was not given. */
function bodyOf(options: SilenceOptions): Record<string, unknown> {
  const { match, until, for: length, cron, comment, timeZone, atEnd, remind } = options;
  const body = {
    match,
    until: orNever(until),
    for: length,
    cron,
    time_zone: timeZone,
    comment,
    at_end: atEnd,
    remind: orNever(remind),
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

function orNever(text: string | undefined): string | null | undefined {
  return text === "never" ? null : text;
}

function read<Schema extends z.ZodType>(schema: Schema, body: object): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const option = String(issue?.path[0] ?? "").replace("_", "-");
  const { message, hint = "see tocsin silence --help" } = splitHint(issue?.message ?? "");
  throw usage(option === "" ? message : `--${option}: ${message}`, hint);
}
