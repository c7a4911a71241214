/** The configuration that ran last on a data folder. */
import { existsSync } from "node:fs";
import {
  APPLIED_CONFIGURATION,
  parseApplied,
  recordableConfiguration,
} from "../app/applied-configuration.ts";
import type { Configuration } from "../app/configuration.ts";
import { registries } from "../app/registries.ts";
import { readStoredPolicies } from "../app/stored-policies.ts";
import { compileStopValues, type StopValues } from "../case/stop-values.ts";
import { Database } from "../sqlite/database.ts";
import { getMeta } from "../store/sqlite/meta.ts";
import type { WholeConfiguration } from "./configuration.ts";
import type { Context } from "./context.ts";
import type { Cli } from "./io.ts";

/** Its text; null when none ran on this folder yet. */
export function appliedText({ data }: Context): string | null {
  if (!existsSync(data.store)) return null;
  const database = new Database(data.store, { readOnly: true });
  try {
    return getMeta(database, APPLIED_CONFIGURATION) ?? null;
  } finally {
    database.close();
  }
}

/**
 * The configuration itself; null when none ran on this folder yet, or when it is the same as the one
 * at hand. One that this version of Tocsin cannot read any more is told on stderr, and null.
 */
export function appliedConfiguration(
  context: Context,
  cli: Cli,
  now: WholeConfiguration,
): Configuration | null {
  const text = appliedText(context);
  if (text === null || recordableConfiguration(now.text, registries) === text) return null;
  const { file } = now.configuration;
  const read = parseApplied(
    text,
    { file, env: cli.env, cwd: cli.cwd, registries },
    readStoredPolicies(context.data),
  );
  if (read.ok) return read.configuration;
  cli.stderr(`tocsin: nothing is compared: ${UNREADABLE}\n`);
  return null;
}

const UNREADABLE = "this version cannot read the configuration that ran last";

/** The stop-values of the configuration that ran last; the built-in ones when none ran yet. */
export function appliedStopValues(context: Context, { env, cwd }: Cli): StopValues {
  const text = appliedText(context);
  const read = text === null ? null : parseApplied(text, { file: null, env, cwd, registries });
  return compileStopValues(read?.ok ? read.configuration.stop_values : {});
}
