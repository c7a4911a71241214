/** What a comparison of a source with its index found, for reading. */
import type { TocsinError } from "../errors.ts";
import type { MissingReason, ReconcileReport } from "../polling/report.ts";
import type { Paint } from "./context.ts";
import { formatTable } from "./table.ts";
import { countOf, formatTime, formatValue } from "./text.ts";

/** A report, or else why there is none. */
export interface Comparison {
  readonly source: string;
  readonly report?: ReconcileReport;
  readonly error?: TocsinError;
}

/** What was asked for. */
export interface Wish {
  readonly backfill: boolean;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** Why events are missing, and what to do that no more of them will be. */
const REASONS: Readonly<Record<MissingReason, { readonly why: string; readonly remedy: string }>> =
  {
    late: {
      why: "could be seen only when the source had read past its time",
      remedy: "raise `overlap` of the source above the longest delay of the index",
    },
    webhook_lost: {
      why: "others of its rule came by a sender, and this one did not",
      remedy: "look at the rule's connector in Kibana; it gives up after a few tries",
    },
    mapping_lost: {
      why: "others of its rule came by the action index, and this one did not",
      remedy: "look at the rule's actions and the mapping of their index: tocsin doctor elastic",
    },
    before_start: {
      why: "is older than what the source was told to read",
      remedy: "nothing was lost; to read it, give the source another name and a `start_time`",
    },
  };

/** Whether nothing is missing, or no longer. */
export function isWhole({ report }: Comparison): boolean {
  return report !== undefined && report.backfilled >= report.missing_count;
}

/** The lines for one source. */
export function describeComparison(
  { source, report, error }: Comparison,
  wish: Wish,
  paint: Paint,
  { columns }: { readonly columns: number },
): string[] {
  if (report) return describeReport(report, wish, paint, columns);
  const hint = error?.hint === undefined ? [] : [`  hint: ${formatValue(error.hint)}`];
  return [
    `${source}: ${paint.red("could not be compared")}: ${formatValue(error?.message)}`,
    ...hint,
  ];
}

function describeReport(
  report: ReconcileReport,
  wish: Wish,
  paint: Paint,
  columns: number,
): string[] {
  const { source, found, missing_count: missing, since, until } = report;
  if (since >= until)
    return [`${source}: was not read beyond ${formatTime(since)} yet, so nothing can be missing`];
  const count = missing === 0 ? paint.green("missing 0") : paint.red(`missing ${missing}`);
  return [
    `${source}: found ${found}, ${count} (${formatTime(since)} to ${formatTime(until)})`,
    ...describeBound(report, wish),
    ...describeMissing(report, columns),
    ...describeFetched(report, wish),
  ];
}

function describeBound({ since }: ReconcileReport, wish: Wish): string[] {
  if (Date.parse(since) <= wish.since) return [];
  return ["  looked back no further: what is older may be gone from here by `retention`"];
}

function describeMissing({ missing }: ReconcileReport, columns: number): string[] {
  if (missing.length === 0) return [];
  const rows = missing.map(({ stream, hour, count, reason, examples }) => [
    stream === null ? "(other rules)" : stream || "(cannot be understood)",
    hour === null ? "-" : `${formatTime(hour).slice(0, 16)}Z`,
    String(count),
    reason,
    examples[0]?.name ?? "-",
  ]);
  const reasons = [...new Set(missing.map(({ reason }) => reason))];
  return [
    ...formatTable(["RULE", "HOUR", "COUNT", "WHY", "EXAMPLE"], rows, columns),
    ...reasons.flatMap(describeReason),
  ];
}

function describeReason(reason: MissingReason): string[] {
  const { why, remedy } = REASONS[reason];
  return [`${reason}: ${why}`, `  ${remedy}`];
}

function describeFetched({ missing_count: missing, backfilled }: ReconcileReport, wish: Wish) {
  if (missing === 0) return [];
  if (!wish.backfill) return [`--backfill would fetch ${countOf(missing, "event")}`];
  const short = backfilled < missing ? ` of ${missing}` : "";
  return [
    `fetched ${backfilled}${short}; a running server decides them within a second, else the next start`,
  ];
}
