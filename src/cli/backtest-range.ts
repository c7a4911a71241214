/** `tocsin backtest --cluster`: deciding a range of an index instead of the log. */
import type { Command } from "commander";
import { openConfiguredCluster } from "../app/clusters.ts";
import type { Configuration, ConfiguredSource } from "../app/configuration.ts";
import { suggest } from "../config/nearest.ts";
import type { ClusterSettings } from "../elastic/cluster/settings.ts";
import { fail, TocsinError } from "../errors.ts";
import { readIndexHistory, type IndexHistory } from "../rehearsal/index-history.ts";
import { INTERRUPTED } from "./command.ts";
import { usage } from "./failure.ts";
import type { Cli, StopSignal } from "./io.ts";

export interface RangeOptions {
  readonly cluster?: string;
  readonly index?: string;
  readonly source?: string;
  readonly timeField?: string;
}

/** What is to be read, with the names looked up. */
export interface AskedRange {
  readonly cluster: { readonly name: string; readonly settings: ClusterSettings };
  readonly index: string;
  readonly source: ConfiguredSource;
  readonly timeField: string | undefined;
}

/** The kind of source that takes documents as they are. */
const DOCUMENTS = "elastic";

/** Adds the options that name a range of an index. */
export function addRangeOptions(command: Command): Command {
  return command
    .option("--cluster <name>", "decide documents of this cluster instead of the log; with --index")
    .option("--index <pattern>", "the documents of this index, as in .alerts-security.alerts-*")
    .option(
      "--source <name>",
      `the source that reads them; default: the first of kind ${DOCUMENTS}`,
    )
    .option("--time-field <field>", "when they came; default: @timestamp");
}

/**
 * The range that the options name; null for the log. Throws USAGE: an exit code of 1 would say that
 * events are lost.
 */
export function askedRange(options: RangeOptions, configuration: Configuration): AskedRange | null {
  const { cluster: name, index, source, timeField } = options;
  if (name !== undefined && index !== undefined) {
    const cluster = { name, settings: settingsOf(name, configuration) };
    return { cluster, index, source: sourceOf(options, configuration), timeField };
  }
  if ([name, index, source, timeField].every((option) => option === undefined)) return null;
  const example = "as in --cluster lab --index '.alerts-security.alerts-*'";
  throw usage("documents of an index need both --cluster and --index", example);
}

function settingsOf(name: string, { clusters }: Configuration): ClusterSettings {
  const settings = clusters.get(name);
  if (settings) return settings;
  const add = `add it: clusters: { ${name}: { url: "https://es.lab:9200" } }`;
  const hint = clusters.size === 0 ? add : suggest(name, [...clusters.keys()], "clusters");
  throw usage(`the configuration has no cluster ${name}`, hint);
}

function sourceOf({ source }: RangeOptions, { sources }: Configuration): ConfiguredSource {
  if (source === undefined) return firstForDocuments(sources);
  const found = sources.get(source);
  if (found) return found;
  const hint = suggest(source, [...sources.keys()], "sources");
  throw usage(`the configuration has no source ${source}`, hint);
}

function firstForDocuments(sources: Configuration["sources"]): ConfiguredSource {
  const first = [...sources.values()].find(({ kind }) => kind === DOCUMENTS);
  if (first) return first;
  throw usage(
    `the configuration has no source of kind ${DOCUMENTS} to read the documents`,
    `name another with --source, or add one: sources: { documents: { kind: ${DOCUMENTS} } }`,
  );
}

export interface RangeContext {
  readonly configuration: Configuration;
  /** Epoch milliseconds. */
  readonly window: { readonly since: number; readonly until: number };
  readonly cli: Cli;
}

/**
 * Reads the range and hands it over for as long as `use` takes. A signal ends the process, but not
 * before what was opened in the cluster and written to the disk is gone.
 */
export async function withIndexHistory<Result>(
  asked: AskedRange,
  { configuration, window, cli }: RangeContext,
  use: (history: IndexHistory) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  let signal: StopSignal | undefined;
  const forget = cli.onStop((received) => {
    signal = received;
    stop.abort();
  });
  try {
    const history = await readHistory(asked, configuration, window, stop.signal);
    try {
      return await use(history);
    } finally {
      await history.close();
    }
  } finally {
    forget();
    if (signal) cli.abandon(INTERRUPTED[signal]);
  }
}

async function readHistory(
  { cluster: { name, settings }, index, source, timeField }: AskedRange,
  configuration: Configuration,
  window: RangeContext["window"],
  signal: AbortSignal,
): Promise<IndexHistory> {
  const cluster = await openConfiguredCluster(name, settings, configuration);
  try {
    const hits = cluster.readRange({ index, ...window, timeField, signal });
    const { limits } = configuration;
    return await readIndexHistory({ hits, source, limits, since: window.since, signal });
  } catch (error) {
    throw asUsage(error);
  } finally {
    await cluster.close();
  }
}

/** An index that is not there is a wrong word on the command line. */
function asUsage(error: unknown): unknown {
  if (!(error instanceof TocsinError) || error.code !== "NOT_FOUND") return error;
  const { component, message, hint } = error;
  return fail("USAGE", { component, message, hint, cause: error });
}
