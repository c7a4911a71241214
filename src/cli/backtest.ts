/** `tocsin backtest` */
import type { Command } from "commander";
import type { Configuration } from "../app/configuration.ts";
import { openHistory } from "../ledger/history.ts";
import { backtest, type Backtest, type BacktestSide } from "../rehearsal/backtest.ts";
import type { IndexHistory } from "../rehearsal/index-history.ts";
import type { Comparison, RehearsalReport } from "../rehearsal/report.ts";
import { appliedConfiguration } from "./applied.ts";
import {
  addRangeOptions,
  askedRange,
  withIndexHistory,
  type RangeOptions,
} from "./backtest-range.ts";
import { readActs, sideOf } from "./backtest-sides.ts";
import { declare, timeOption } from "./command.ts";
import { loadConfigurationFile, readWhole, type WholeConfiguration } from "./configuration.ts";
import { contextOf, type Context, type Paint } from "./context.ts";
import type { Cli } from "./io.ts";
import { usage } from "./failure.ts";
import { formatTable } from "./table.ts";
import { countOf, formatTime, printable } from "./text.ts";

interface BacktestOptions extends RangeOptions {
  readonly since: number;
  readonly until?: number;
  readonly against?: string;
}

/** Adds `backtest`, which decides history again and says what would have been sent. */
export function addBacktest(program: Command, cli: Cli): void {
  const text = "10m, 24h, 3d (ago) or 2026-03-01T10:00:00Z";
  const declared = declare(
    program,
    "backtest",
    "Decide past events again and print what would have been sent; nothing is sent or stored.",
    { 0: "decided; with another configuration to compare, nothing is lost", 1: "events are lost" },
  )
    .requiredOption("--since <time>", `events received since: ${text}`, timeOption(cli))
    .option("--until <time>", `and before: ${text}; default: now`, timeOption(cli))
    .option(
      "--against <file>",
      "the configuration to compare with; default: the one that ran last, if it differs",
    );
  addRangeOptions(declared).action(async (options: BacktestOptions, command: Command) => {
    const context = contextOf(command, cli);
    const window = { since: options.since, until: options.until ?? cli.now() };
    if (window.until <= window.since) {
      throw usage("--until is not behind --since", "--since 2h --until 1h is an hour");
    }
    const read = readWhole(context, cli);
    const { configuration } = read;
    const before = configurationBefore(options, read, context, cli);
    const range = askedRange(options, configuration);
    const decide = (given?: IndexHistory) => compare(context, window, configuration, before, given);
    const result = await (range
      ? withIndexHistory(range, { window, configuration, cli }, decide)
      : decide());
    cli.exit((result.comparison?.lost ?? 0) > 0 ? 1 : 0);
    if (context.json) return context.printJson(result);
    context.print(...describeBacktest(result, context.paint));
  });
}

function configurationBefore(
  { against }: BacktestOptions,
  read: WholeConfiguration,
  context: Context,
  cli: Cli,
): Configuration | null {
  if (against !== undefined) return loadConfigurationFile(against, context, cli);
  return appliedConfiguration(context, cli, read);
}

/**
 * Decides the window of the log, or what is given instead of it, with the configuration; where there
 * is one before it, says what changes.
 */
export async function compare(
  context: Context,
  window: { readonly since: number; readonly until: number },
  configuration: Configuration,
  before: Configuration | null,
  given?: IndexHistory,
): Promise<Backtest> {
  const open = () => given?.open() ?? openHistory(context.data, window);
  // What people did, they did to the alerts of the log.
  const acts = given ? [] : readActs(context.data, window.since);
  const side = (one: Configuration): BacktestSide => sideOf(context.data, one);
  const sides = { before: before && side(before), after: side(configuration) };
  return backtest(open, window, sides, acts);
}

/** The report in words. */
export function describeBacktest(result: Backtest, paint: Paint): string[] {
  const { report, comparison } = result;
  const left = Object.entries(result.left_out).filter(([, count]) => count > 0);
  const why = left.map(([reason, count]) => `${count} ${LEFT_OUT[reason] ?? reason}`).join(", ");
  return [
    `decided ${countOf(report.entries, "event")} from ${formatTime(result.since)} to ${formatTime(result.until)}`,
    ...(left.length > 0 ? [`left out: ${why}`] : []),
    ...describeOutcomes(report),
    "",
    ...describeDestinations(report),
    "",
    ...describeHours(report),
    ...(comparison ? ["", ...describeComparison(comparison, paint)] : []),
  ];
}

const LEFT_OUT: Readonly<Record<string, string>> = {
  own: "of Tocsin's own, which are made anew",
  quarantined: "in quarantine",
  pruned: "whose bytes retention has taken",
  repeated: "that came twice",
  empty: "without an event in them",
};

function describeOutcomes(report: RehearsalReport): string[] {
  const { outcomes, suppressed, waiting, unreached } = report;
  const came = Object.entries(outcomes).map(([name, count]) => `${count} ${name}`);
  const held = Object.entries(suppressed).map(([name, count]) => `${count} ${name}`);
  return [
    `outcomes: ${came.join(", ") || "none"}`,
    ...(held.length > 0 ? [`suppressed: ${held.join(", ")}`] : []),
    ...(waiting > 0 ? [`${countOf(waiting, "message")} that still waits at the end`] : []),
    `${countOf(unreached, "event")} that nobody is told of`,
  ];
}

function describeDestinations({ destinations }: RehearsalReport): string[] {
  const rows = destinations.map(({ name, messages, alerts }) => [
    name,
    String(messages),
    String(alerts),
  ]);
  return formatTable(["DESTINATION", "MESSAGES", "ALERTS"], rows);
}

function describeHours({ destinations }: RehearsalReport): string[] {
  const hours = [...new Set(destinations.flatMap((one) => one.hours.map(({ hour }) => hour)))];
  const rows = hours.toSorted().map((hour) => [
    formatTime(hour),
    ...destinations.map((one) => {
      return String(one.hours.find((each) => each.hour === hour)?.messages ?? 0);
    }),
  ]);
  return formatTable(["HOUR", ...destinations.map(({ name }) => name)], rows);
}

/** What changes, and what would be lost. */
export function describeComparison(comparison: Comparison, paint: Paint): string[] {
  const { destinations, lost, lost_events, gained } = comparison;
  const rows = destinations.map(({ name, before, after, difference }) => [
    name,
    String(before),
    String(after),
    difference > 0 ? `+${difference}` : String(difference),
  ]);
  const table = formatTable(["DESTINATION", "BEFORE", "AFTER", "DIFFERENCE"], rows);
  const verdict =
    lost === 0
      ? paint.green("every event that reached somebody before still does")
      : paint.red(`${countOf(lost, "event")} reached somebody before and would reach nobody`);
  const events = lost_events.map(({ number, severity, title }) => [
    number,
    severity,
    printable(title),
  ]);
  return [
    ...table,
    "",
    verdict,
    ...(lost > 0 ? formatTable(["EVENT", "SEVERITY", "TITLE"], events) : []),
    ...(gained > 0 ? [`${countOf(gained, "event")} would reach somebody for the first time`] : []),
  ];
}
