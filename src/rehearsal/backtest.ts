/** Deciding history again: what would have been sent, and what another configuration would change. */
import { z } from "zod";
import type { Configuration } from "../app/configuration.ts";
import { compilePipeline } from "../app/pipeline-configuration.ts";
import type { LogEntry } from "../pipeline/entry.ts";
import type { DocumentReader } from "../pipeline/runner.ts";
import type { CompiledSilence } from "../silence/compile.ts";
import type { SentMessage } from "./message.ts";
import { rehearse, type Act } from "./rehearse.ts";
import { comparisonSchema, rehearsalReportSchema, RehearsalTally } from "./report.ts";

/** Where the entries come from: the log, or a range of an index. */
export interface BacktestHistory {
  entries(): AsyncIterable<LogEntry>;
  readonly documents: DocumentReader;
  readonly newest: number;
  readonly left: Readonly<Record<string, number>>;
}

export interface BacktestWindow {
  /** Epoch milliseconds: received at or after, and before. */
  readonly since: number;
  readonly until: number;
}

/** A configuration with the silences that go with it. */
export interface BacktestSide {
  readonly configuration: Configuration;
  readonly silences: readonly CompiledSilence[];
}

export const backtestSchema = z
  .object({
    since: z.iso.datetime(),
    until: z.iso.datetime(),
    left_out: z.record(z.string(), z.number().int()).describe("Entries not decided, and why."),
    report: rehearsalReportSchema.describe("Of the configuration at hand."),
    before: rehearsalReportSchema.nullable().describe("Of the one it is compared with."),
    comparison: comparisonSchema.nullable(),
  })
  .meta({ id: "Backtest" });
export type Backtest = z.infer<typeof backtestSchema>;

/**
 * Decides a window's history with a configuration and, where given, with the one before it. `open` is
 * called once for each.
 */
export async function backtest(
  open: () => BacktestHistory & { close(): Promise<void> },
  window: BacktestWindow,
  sides: { readonly before: BacktestSide | null; readonly after: BacktestSide },
  acts: readonly Act[] = [],
): Promise<Backtest> {
  const before = sides.before && (await runSide(open, window, sides.before, acts));
  const after = await runSide(open, window, sides.after, acts);
  return {
    since: new Date(window.since).toISOString(),
    until: new Date(window.until).toISOString(),
    left_out: { ...after.left },
    report: after.tally.report(),
    before: before?.tally.report() ?? null,
    comparison: before?.tally.compare(after.tally) ?? null,
  };
}

async function runSide(
  open: () => BacktestHistory & { close(): Promise<void> },
  window: BacktestWindow,
  side: BacktestSide,
  acts: readonly Act[],
) {
  const history = open();
  const tally = new RehearsalTally();
  try {
    await rehearseHistory(history, window, side, acts, {
      onMessage: (message) => tally.noteMessage(message),
      onWaiting: (message) => tally.noteWaiting(message),
      onRan: (ran) => tally.noteRan(ran),
    });
  } finally {
    await history.close();
  }
  return { tally, left: history.left };
}

/** One rehearsal of a history; what happens is told as it happens. */
export async function rehearseHistory(
  history: BacktestHistory,
  window: BacktestWindow,
  { configuration, silences }: BacktestSide,
  acts: readonly Act[],
  listeners: {
    onMessage(message: SentMessage): void;
    onWaiting?(message: SentMessage): void;
    onRan?(ran: Parameters<RehearsalTally["noteRan"]>[0]): void;
  },
): Promise<void> {
  await rehearse({
    entries: history.entries(),
    configuration: compilePipeline(configuration),
    silences,
    acts: acts.filter(({ at }) => at >= window.since),
    since: window.since,
    until: window.until,
    documents: history.documents,
    ...listeners,
  });
}
