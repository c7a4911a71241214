/** `tocsin elk-action-worker` */
import { Option, type Command } from "commander";
import { configurationError } from "../app/configuration.ts";
import type { Program } from "../app/program.ts";
import { formatProblem } from "../config/problem.ts";
import type { TocsinError } from "../errors.ts";
import { auditData } from "../ledger/audit.ts";
import { declare } from "./command.ts";
import { examineConfiguration } from "./configuration.ts";
import { contextOf, type Context } from "./context.ts";
import { readCursors } from "./cursors.ts";
import { withLedger } from "./data.ts";
import {
  configureWorker,
  DEFAULT_INDEX,
  type WorkerConfiguration,
  type WorkerOptions,
} from "./elk-action-source.ts";
import { reportFailure, toTocsinError } from "./failure.ts";
import type { Cli } from "./io.ts";
import { runProgram } from "./start.ts";
import { countOf, formatDuration, formatTime } from "./text.ts";

const COULD_NOT_RUN = 2;

const NOTES = `
Destinations, routes and policies are those of the configuration, else those of a first run. How
far was read is kept in the data folder, under the name of the source: that of the configuration
which reads the same index of the same cluster, whose settings hold where no option is given, else
\`actions\`. One process at a time uses a data folder.

Credentials for --url come from the environment: ES_API_KEY, or ES_USERNAME and ES_PASSWORD; ES_CA
names a file with the certificates to trust. The API is not offered, and the keys of a first start
are not shown; tocsin start and tocsin key create are there for that.
`;

interface Options extends WorkerOptions {
  readonly once?: boolean;
}

/** Adds `elk-action-worker`, which runs a single source: the index of Kibana's index connector. */
export function addElkActionWorker(program: Command, cli: Cli): void {
  declare(
    program,
    "elk-action-worker",
    "Read the index that Kibana's index connector writes to, and nothing else.",
    {
      0: "stopped in order; with --once: all there was is read and decided",
      2: "could not start (see tocsin start); with --once: the index could not be read",
      130: "ended at once by a second Ctrl-C (143 by a second SIGTERM)",
    },
  )
    .option("--index <name>", `what the connector writes to; ${DEFAULT_INDEX} unless given`)
    .option("--interval <duration>", "wait after all there was is read; 60s unless given")
    .option("--size <n>", "documents of one page; 1000 unless given")
    .option(
      "--start-time <time>",
      "where the very first run begins: 2026-03-01T00:00:00Z, or 24h before it; default: that run",
    )
    .option("--once", "read to the end, send what is due, and end")
    .addOption(
      new Option(
        "--cluster <name>",
        "cluster of the configuration; the only one unless given",
      ).conflicts("url"),
    )
    .option("--url <url>", "cluster that is not in the configuration")
    .addHelpText("after", NOTES)
    .action((options: Options, command: Command) => work(options, command, cli));
}

async function work(options: Options, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const read = examineConfiguration(context, cli);
  if (!read.ok) throw configurationError(read.problems);
  for (const warning of read.problems) cli.stderr(`${formatProblem(warning)}\n`);
  const configured = configureWorker(options, read, cli);
  if (options.once) return workOnce(configured, context, cli);
  return runProgram(configured, cli, { begun: () => announce(configured, context) });
}

function announce(configured: WorkerConfiguration, context: Context): void {
  const { configuration, source, index, cluster } = configured;
  if (context.json) return context.print(JSON.stringify({ reading: { source, cluster, index } }));
  const often = formatDuration(configuration.sources.get(source)?.feed?.interval ?? 0);
  return context.print(`reading ${index} of cluster ${cluster} every ${often}, as ${source}`);
}

/** What cannot be read is told after what waits was sent. */
async function workOnce(
  configured: WorkerConfiguration,
  context: Context,
  cli: Cli,
): Promise<void> {
  const ended: Ended = { begun: cli.now(), isWhole: false, failure: null };
  const finished = async (running: Program): Promise<void> => {
    await running.polled().catch((error: unknown) => void (ended.failure = toTocsinError(error)));
    await running.drained();
    ended.isWhole = true;
  };
  await runProgram(configured, cli, { begun: () => {}, finished });
  await tell(configured, ended, context, cli);
  if (!ended.failure) return;
  reportFailure(ended.failure, context.json, cli);
  // Also where the error by itself is only a negative answer: an index that is not there was not read.
  cli.exit(COULD_NOT_RUN);
}

/** How a run with `--once` went. */
interface Ended {
  /** Epoch milliseconds. */
  readonly begun: number;
  /** False when a signal ended it before its time. */
  isWhole: boolean;
  /** Why the index could not be read. */
  failure: TocsinError | null;
}

async function tell(
  configured: WorkerConfiguration,
  { begun, isWhole, failure }: Ended,
  context: Context,
  cli: Cli,
): Promise<void> {
  const { source, index, cluster } = configured;
  const cursor = readCursors(context.data, [source]).get(source);
  const read_to = cursor ? new Date(cursor.readTo).toISOString() : null;
  const received = receivedBy(source, begun, context, cli);
  const waiting = await countWaiting(context, cli);
  const done = isWhole && !failure;
  if (context.json)
    return context.printJson({ source, cluster, index, read_to, received, waiting, done });
  const counts = `${received.new} new, ${received.known} known, ${received.quarantined} quarantined`;
  context.print(
    `read ${index} of cluster ${cluster} to ${formatTime(read_to)}: ${counts}`,
    ...(isWhole ? [] : ["stopped before all was read and sent; the next run goes on"]),
    ...(waiting === 0 ? [] : [describeWaiting(waiting)]),
  );
}

function describeWaiting(count: number): string {
  const verb = count === 1 ? "waits for its" : "wait for their";
  return `${countOf(count, "delivery")} ${verb} next try, which is up to the next run`;
}

function receivedBy(source: string, since: number, { data }: Context, cli: Cli) {
  const { sources } = auditData(data, { since, now: cli.now() });
  const received = sources.find(({ name }) => name === source)?.received;
  return {
    new: received?.accepted ?? 0,
    known: received?.duplicates ?? 0,
    quarantined: received?.quarantined ?? 0,
  };
}

/** What waits for a timer (a group, a digest) is not counted: it is not late. */
async function countWaiting({ data }: Context, { now }: Cli): Promise<number> {
  const { destinations } = await withLedger(data, now, (ledger) => ledger.stats());
  return destinations.reduce((sum, { pending }) => sum + pending, 0);
}
