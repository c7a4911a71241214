/** The configuration as commands read it. */
import {
  configurationError,
  readConfiguration,
  type Configuration,
  type ReadResult,
} from "../app/configuration.ts";
import { registries } from "../app/registries.ts";
import { parseWithPolicies, readStoredPolicies } from "../app/stored-policies.ts";
import { fail } from "../errors.ts";
import { suggest } from "../config/nearest.ts";
import type { Context } from "./context.ts";
import type { Cli } from "./io.ts";

/** Reads the configuration and says what is wrong with it. Throws CONFIG_NOT_FOUND. */
export function examineConfiguration(context: Context, cli: Cli): ReadResult {
  return readConfiguration({
    file: context.config,
    env: cli.env,
    cwd: cli.cwd,
    registries,
    overrides: { data: context.data.folder },
  });
}

/**
 * Reads the configuration together with what was made by hand in the data folder: as it decides. The
 * text is the file's.
 */
export function examineWhole(context: Context, cli: Cli): ReadResult {
  const read = examineConfiguration(context, cli);
  const stored = readStoredPolicies(context.data);
  if (!read.ok || stored.length === 0) return read;
  const { file, data } = read.configuration;
  const { env, cwd } = cli;
  const options = { text: read.text, file, env, cwd, registries, overrides: { data } };
  return parseWithPolicies(options, stored);
}

/** A configuration without errors, with the text of its file. */
export type WholeConfiguration = Extract<ReadResult, { readonly ok: true }>;

/** The same; throws CONFIG_INVALID with `data.problems` when it has errors. */
export function readWhole(context: Context, cli: Cli): WholeConfiguration {
  const result = examineWhole(context, cli);
  if (result.ok) return result;
  throw configurationError(result.problems);
}

/** The configuration of `readWhole` alone. */
export function loadWhole(context: Context, cli: Cli): Configuration {
  return readWhole(context, cli).configuration;
}

/** The configuration; throws CONFIG_INVALID with `data.problems` when it has errors. */
export function loadConfiguration(context: Context, cli: Cli): Configuration {
  const result = examineConfiguration(context, cli);
  if (result.ok) return result.configuration;
  throw configurationError(result.problems);
}

/** Another configuration than the one asked for by option; throws like `loadWhole`. */
export function loadConfigurationFile(file: string, context: Context, cli: Cli): Configuration {
  return loadWhole({ ...context, config: file }, cli);
}

/** The entry of a map of the configuration with that name; throws NOT_FOUND naming the nearest. */
export function pickNamed<T>(entries: ReadonlyMap<string, T>, name: string, noun: string): T {
  const found = entries.get(name);
  if (found !== undefined) return found;
  throw fail("NOT_FOUND", {
    component: noun,
    message: `the configuration has no ${noun} ${name}`,
    hint: suggest(name, [...entries.keys()], `${noun}s`),
  });
}
