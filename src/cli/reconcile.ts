/** `tocsin reconcile` */
import type { Command } from "commander";
import type { Configuration } from "../app/configuration.ts";
import { openFeeds, type OpenedFeed } from "../app/feeds.ts";
import { reconcileSource, takeItems, type KnownData } from "../app/reconcile-source.ts";
import { suggest } from "../config/nearest.ts";
import { fail } from "../errors.ts";
import { openSqliteStream } from "../stream/sqlite/stream.ts";
import type { Stream } from "../stream/stream.ts";
import { declare, timeOption } from "./command.ts";
import { loadConfiguration } from "./configuration.ts";
import { contextOf, type Context } from "./context.ts";
import { requireData } from "./data.ts";
import { toTocsinError, usage } from "./failure.ts";
import type { Cli } from "./io.ts";
import { describeComparison, isWhole, type Comparison, type Wish } from "./reconcile-text.ts";

const DEFAULT_SINCE_MS = 86_400_000;

interface ReconcileOptions {
  readonly source?: string;
  /** Epoch milliseconds. */
  readonly since?: number;
  readonly backfill?: boolean;
}

/** Adds `reconcile`, which compares indices with what is kept here. */
export function addReconcile(program: Command, cli: Cli): void {
  declare(
    program,
    "reconcile",
    "Compare the sources that are read with their indices: what is missing here, and why.",
    {
      0: "nothing is missing, or all of it was fetched",
      1: "something is missing and was not fetched",
      2: "could not compare: configuration, data folder or cluster",
    },
  )
    .option("--source <name>", "only this source")
    .option(
      "--since <time>",
      "how far to look back: 24h (ago) or 2026-03-01T10:00:00Z; 24h unless given",
      timeOption(cli),
    )
    .option("--backfill", "fetch what is missing; what is from before the start is left out")
    .action((options: ReconcileOptions, command: Command) => run(options, command, cli));
}

async function run(options: ReconcileOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const configuration = loadConfiguration(context, cli);
  requireFeeds(configuration, options.source);
  requireData(context.data);
  const { backfill = false, since = cli.now() - DEFAULT_SINCE_MS } = options;
  const wish = { backfill, since };
  const wanted = only(options.source, configuration);
  const comparisons = await compareAll(wanted, wish, context, cli);
  cli.exit(exitOf(comparisons));
  if (context.json) return context.printJson({ items: comparisons.map(toJson) });
  const texts = comparisons.map((each) => describeComparison(each, wish, context.paint, cli));
  context.print(...texts.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines])));
}

/** Throws USAGE for a source that cannot be compared, CONFIG_INVALID when there is none that can. */
function requireFeeds({ sources }: Configuration, name: string | undefined): void {
  const read = [...sources.values()].filter(({ feed }) => feed !== null).map((each) => each.name);
  if (name !== undefined) return requireFeed(sources, name, read);
  if (read.length > 0) return;
  throw fail("CONFIG_INVALID", {
    component: "reconcile",
    message: "the configuration has no source that is read",
    hint: "sources of the kinds elastic-alerts and elastic-actions are read and can be compared",
  });
}

function requireFeed(
  sources: Configuration["sources"],
  name: string,
  read: readonly string[],
): void {
  if (read.includes(name)) return;
  const hint = suggest(name, read, "sources that are read");
  if (!sources.has(name)) throw usage(`the configuration has no source ${name}`, hint);
  throw usage(`source ${name} is sent to and not read: it has no index to compare with`, hint);
}

/** What other sources read need not be there, then. */
function only(name: string | undefined, configuration: Configuration): Configuration {
  if (name === undefined) return configuration;
  const entries = [...configuration.sources].filter(([each]) => each === name);
  return { ...configuration, sources: new Map(entries) };
}

async function compareAll(
  configuration: Configuration,
  wish: Wish,
  context: Context,
  cli: Cli,
): Promise<Comparison[]> {
  const { feeds, close } = await openFeeds(configuration, cli.now);
  try {
    const stream = openSqliteStream(context.data.stream);
    try {
      const known = { paths: context.data, configuration, stream };
      const comparisons: Comparison[] = [];
      // One by one: a cluster that people search, too, is not asked for all sources at once.
      for (const opened of feeds) comparisons.push(await compare(opened, known, wish, cli));
      return comparisons;
    } finally {
      await stream.close();
    }
  } finally {
    await close();
  }
}

/** A source that cannot be compared does not keep the others from it. */
async function compare(
  opened: OpenedFeed,
  known: KnownData & { readonly stream: Stream; readonly configuration: Configuration },
  { since, backfill }: Wish,
  cli: Cli,
): Promise<Comparison> {
  const { source } = opened;
  const take = backfill ? takeItems(known.stream, source, known.configuration.limits, cli) : null;
  const wish = { since, until: cli.now(), backfill: take };
  try {
    return { source: source.name, report: await reconcileSource(opened, known, wish) };
  } catch (error) {
    return { source: source.name, error: toTocsinError(error) };
  }
}

function exitOf(comparisons: readonly Comparison[]): number {
  if (comparisons.some(({ error }) => error !== undefined)) return 2;
  return comparisons.every(isWhole) ? 0 : 1;
}

function toJson({ source, report, error }: Comparison): object {
  if (report) return report;
  return {
    source,
    error: { code: error?.code, message: error?.message, hint: error?.hint ?? null },
  };
}
