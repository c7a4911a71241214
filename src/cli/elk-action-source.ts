/**
 * The configuration of `tocsin elk-action-worker`: the one there is, with one source in the place of
 * its sources. The text that comes out is read again by the worker thread, so references stay
 * references, and credentials are references to the environment.
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import {
  configurationError,
  defaultConfiguration,
  parseConfiguration,
  type Configuration,
} from "../app/configuration.ts";
import { asMap, type PlainMap } from "../app/entry-checks.ts";
import { registries } from "../app/registries.ts";
import { parseConfigDocument } from "../config/document.ts";
import { suggest } from "../config/nearest.ts";
import type { Path, Problem } from "../config/problem.ts";
import type { WholeConfiguration } from "./configuration.ts";
import { usage } from "./failure.ts";
import type { Cli } from "./io.ts";

const KIND = "elastic-actions";
/** What the cluster of `--url` is called. */
const GIVEN_CLUSTER = "command-line";
export const DEFAULT_INDEX = "siem-alert";

/** As given; undefined where nothing was. */
export interface WorkerOptions {
  readonly cluster?: string;
  readonly url?: string;
  readonly index?: string;
  readonly interval?: string;
  readonly size?: string;
  readonly startTime?: string;
}

/** What the worker runs with. */
export interface WorkerConfiguration extends WholeConfiguration {
  /** Its only source. */
  readonly source: string;
  readonly cluster: string;
  readonly index: string;
}

/** Throws USAGE for options that the configuration would not take, naming the option. */
export function configureWorker(
  options: WorkerOptions,
  { configuration, text }: WholeConfiguration,
  cli: Cli,
): WorkerConfiguration {
  const cluster = chooseCluster(options, configuration);
  const place = { cluster, index: options.index ?? DEFAULT_INDEX };
  const source = nameSource(place, configuration);
  const file = asMap(parseConfigDocument(text).value);
  const made = JSON.stringify({
    ...firstRun(file, configuration),
    ...file,
    // Nobody asks a worker anything: it must not fail because a port is taken.
    listen: "127.0.0.1:0",
    clusters: { ...asMap(file["clusters"]), ...givenCluster(options, cli) },
    sources: { [source]: { ...asMap(asMap(file["sources"])[source]), ...entryOf(options, place) } },
  });
  const read = parseConfiguration({
    text: made,
    file: configuration.file,
    env: cli.env,
    registries,
    cwd: cli.cwd,
    overrides: { data: configuration.data },
    nameOf: (path) => optionAt(path, source),
  });
  if (!read.ok) throw refusal(read.problems);
  return { ...read, source, ...place };
}

function chooseCluster({ cluster, url }: WorkerOptions, { clusters }: Configuration): string {
  const names = [...clusters.keys()];
  if (url !== undefined) return GIVEN_CLUSTER;
  if (cluster !== undefined && clusters.has(cluster)) return cluster;
  if (cluster !== undefined) {
    const message = `the configuration has no cluster ${cluster}`;
    throw usage(message, suggest(cluster, names, "clusters"));
  }
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined)
    throw usage("which cluster is not said", "name one with --url https://es.lab:9200");
  throw usage("which cluster is not said", `name one with --cluster: ${names.join(", ")}`);
}

interface Place {
  readonly cluster: string;
  readonly index: string;
}

/**
 * How far was read is kept under the source's name. So a source of the configuration that reads the
 * same goes on, and what reads something else gets another name: `actions` for the usual index of the
 * first cluster, and what differs from that behind it.
 */
function nameSource({ cluster, index }: Place, { sources, clusters }: Configuration): string {
  const same = [...sources.values()].find(({ kind, config }) => {
    const settings = asMap(config);
    return kind === KIND && settings["cluster"] === cluster && settings["index"] === index;
  });
  if (same) return same.name;
  const [first = cluster] = clusters.keys();
  const parts = [index === DEFAULT_INDEX ? "" : index, cluster === first ? "" : cluster];
  const name = toName(["actions", ...parts]);
  return sources.has(name) ? toName(["actions", index, cluster]) : name;
}

const LONGEST_NAME = 63;
const HASH_LENGTH = 8;

/** What a name cannot hold is told apart by a hash. */
function toName(parts: readonly string[]): string {
  const text = parts.filter((part) => part !== "").join("-");
  const isName = /^[A-Za-z0-9_.-]+$/.test(text) && text.length <= LONGEST_NAME;
  if (isName) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
  const kept = text.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, LONGEST_NAME - HASH_LENGTH - 1);
  return `${kept}-${hash}`;
}

/** What a first run has where the file names no source, destination or route. */
function firstRun(file: PlainMap, { data }: Configuration): PlainMap {
  const isNamed = ["sources", "destinations", "routes"].some((key) => key in file);
  return isNamed ? {} : defaultConfiguration(data);
}

function entryOf({ interval, size, startTime }: WorkerOptions, place: Place): PlainMap {
  return {
    kind: KIND,
    cluster: place.cluster,
    index: literal(place.index),
    ...(interval !== undefined && { interval: literal(interval) }),
    ...(size !== undefined && { size: /^\d+$/.test(size) ? Number(size) : literal(size) }),
    ...(startTime !== undefined && { start_time: literal(startTime) }),
  };
}

/** Settings of a cluster that come from the environment. */
const FROM_ENVIRONMENT: Readonly<Record<string, string>> = {
  api_key: "ES_API_KEY",
  username: "ES_USERNAME",
  password: "ES_PASSWORD",
};

function givenCluster({ url }: WorkerOptions, { env, cwd }: Cli): PlainMap {
  if (url === undefined) return {};
  // An API key says more than a user.
  const wanted = env["ES_API_KEY"] ? ["api_key"] : ["username", "password"];
  const credentials = wanted.flatMap((setting) => {
    const variable = FROM_ENVIRONMENT[setting] ?? "";
    return env[variable] ? [[setting, `\${env:${variable}}`]] : [];
  });
  const ca = env["ES_CA"] ? { ca: literal(resolve(cwd, env["ES_CA"])) } : {};
  const cluster = { url: literal(url), ...Object.fromEntries(credentials), ...ca };
  return { [GIVEN_CLUSTER]: cluster };
}

/** What comes from the command line is no reference. */
function literal(text: string): string {
  return text.replaceAll("${", () => "$${");
}

const OPTIONS: Readonly<Record<string, string>> = {
  index: "--index",
  interval: "--interval",
  size: "--size",
  start_time: "--start-time",
};

/** What was given for the setting at a path, if anything was. */
function optionAt([group, name, setting]: Path, source: string): string | undefined {
  if (group === "sources" && name === source) return OPTIONS[String(setting)];
  if (group !== "clusters" || name !== GIVEN_CLUSTER) return undefined;
  return FROM_ENVIRONMENT[String(setting)] ?? "--url";
}

/** The file by itself is whole, so that only what was given can be wrong. */
function refusal(problems: readonly Problem[]): Error {
  const given = problems.find(({ level, line }) => level === "error" && line === 0);
  if (!given) return configurationError(problems);
  // The option says which setting it is.
  const message = given.message.replace(/^`\w+`:? /, "");
  return usage(`${given.file}: ${message}`, given.hint ?? "tocsin elk-action-worker --help");
}
