/**
 * The configuration of the program: found, read and checked, with what it names looked up. A pure
 * function of the file's text, the environment and the secret files it refers to, so that every
 * thread comes to the same.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { z } from "zod";
import { loadConfig } from "../config/load.ts";
import { formatProblem, type Path, type Problem } from "../config/problem.ts";
import { referenceResolver, type Resolver } from "../config/references.ts";
import type { ClusterSettings } from "../elastic/cluster/settings.ts";
import { fail, messageOf, type TocsinError } from "../errors.ts";
import { sentTo } from "../sources/index.ts";
import { checkConfiguration } from "./configuration-checks.ts";
import {
  configurationSchema,
  type ParsedSettings,
  type Policies,
  type Route,
} from "./configuration-schema.ts";
import {
  assemble,
  canUpdate,
  type ConfiguredDestination,
  isRead,
  type ConfiguredSource,
  type FeedSettings,
  type Registries,
  type SourceCommon,
} from "./configured.ts";

export type {
  ConfiguredDestination,
  ConfiguredSource,
  FeedSettings,
  Policies,
  Registries,
  Route,
  SourceCommon,
};

/** Durations are milliseconds, sizes bytes, secrets `Secret`. */
export interface Configuration extends Omit<
  ParsedSettings,
  "clusters" | "sources" | "destinations" | "routes" | "data"
> {
  /** Absolute path of the file; null when there is none. */
  readonly file: string | null;
  /** What relative paths in it are relative to: the folder of the file, or else the working one. */
  readonly directory: string;
  /** Absolute path of the data folder. */
  readonly data: string;
  readonly clusters: ReadonlyMap<string, ClusterSettings>;
  readonly sources: ReadonlyMap<string, ConfiguredSource>;
  readonly destinations: ReadonlyMap<string, ConfiguredDestination>;
  /** In the order of the file, without the one for operators. */
  readonly routes: readonly Route[];
  /** Takes what Tocsin itself raises; null when there is no such route. */
  readonly operators: Route | null;
}

export interface ParseOptions {
  readonly text: string;
  /** As given; null when there is no file. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly registries: Registries;
  /** The working folder. */
  readonly cwd: string;
  readonly overrides?: { readonly data?: string | undefined } | undefined;
  /** Resolves references; the environment and the files beside the configuration unless told. */
  readonly resolver?: Resolver | undefined;
  /** What that is called which stands at a path, where it does not come from the file. */
  readonly nameOf?: ((path: Path) => string | undefined) | undefined;
}

export type ReadOptions = Omit<ParseOptions, "text" | "file"> & {
  /** From the command line; relative to the working folder. */
  readonly file?: string | undefined;
};

export type ReadResult =
  /** `problems` are warnings; `text` is what was read, empty without a file. */
  | {
      readonly ok: true;
      readonly configuration: Configuration;
      readonly problems: readonly Problem[];
      readonly text: string;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads the configuration from `file`, else from TOCSIN_CONFIG, else from `tocsin.yaml` in the
 * working folder; where there is none, from the defaults of the first run. Throws CONFIG_NOT_FOUND
 * when a file was asked for and cannot be read.
 */
export function readConfiguration(options: ReadOptions): ReadResult {
  const file = findFile(options);
  const text = file === null ? "" : readText(resolve(options.cwd, file));
  return parseConfiguration({ ...options, file, text });
}

function findFile({ file, env, cwd }: ReadOptions): string | null {
  const asked = file ?? env["TOCSIN_CONFIG"];
  if (asked) return asked;
  return statSync(join(cwd, FILE_NAME), { throwIfNoEntry: false }) ? FILE_NAME : null;
}

const FILE_NAME = "tocsin.yaml";

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw fail("CONFIG_NOT_FOUND", {
      component: "configuration",
      message: `the configuration ${path} cannot be read: ${messageOf(error)}`,
      hint: "name another with --config or TOCSIN_CONFIG, or write one with `tocsin init`",
      cause: error,
    });
  }
}

/** Like `readConfiguration`, from a text that was read already. Throws only for bugs. */
export function parseConfiguration(options: ParseOptions): ReadResult {
  const { text, env, registries, cwd, file } = options;
  const directory = file === null ? cwd : dirname(resolve(cwd, file));
  const schema = configurationSchema(registries.sources, registries.destinations);
  const loaded = loadConfig({
    text,
    file: file ?? "defaults",
    schema,
    resolver: options.resolver ?? referenceResolver({ env, directory }),
    check: (input) =>
      checkConfiguration(input, {
        canUpdate: (entry) => canUpdate(entry, registries),
        isRead: (entry) => isRead(entry, registries),
      }),
    nameOf: options.nameOf,
  });
  if (!loaded.ok) return loaded;
  const override = options.overrides?.data ?? env["TOCSIN_DATA"];
  const data = override ? resolve(cwd, override) : resolve(directory, loaded.value.data);
  const settings = withDefaults(loaded.value, schema, data);
  const configuration = { ...assemble(settings, registries), data, directory };
  const path = file === null ? null : resolve(cwd, file);
  return {
    ok: true,
    configuration: { ...configuration, file: path },
    problems: loaded.problems,
    text,
  };
}

/** A configuration that names nothing (a `listen`, say, and no more) keeps the first run's names. */
function withDefaults(
  settings: ParsedSettings,
  schema: z.ZodType<ParsedSettings>,
  data: string,
): ParsedSettings {
  if (settings.sources ?? settings.destinations ?? settings.routes) return settings;
  const { sources, destinations, routes } = schema.parse(defaultConfiguration(data));
  return { ...settings, sources, destinations, routes };
}

/**
 * What runs without a configuration, as it would be written in one: the sources of every kind that
 * needs no setting, a file in the folder `data` and the terminal.
 */
export function defaultConfiguration(data: string) {
  return {
    sources: Object.fromEntries(sentTo.map(({ kind }) => [kind, { kind }])),
    destinations: {
      file: { kind: "file", path: join(data, "delivered.ndjson") },
      terminal: { kind: "log" },
    },
    routes: [{ name: "everything", match: "*", to: ["file", "terminal"] }],
  };
}

/** The error for a configuration with problems, one line each; ends a command. */
export function configurationError(problems: readonly Problem[]): TocsinError {
  const errors = problems.filter((problem) => problem.level === "error");
  return fail("CONFIG_INVALID", {
    component: "configuration",
    message: errors.map(formatProblem).join("\n"),
    data: { problems: errors },
  });
}
