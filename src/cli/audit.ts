/** `tocsin audit` */
import type { Command } from "commander";
import { auditData, type AuditReport } from "../ledger/audit.ts";
import { declare, timeOption } from "./command.ts";
import { contextOf, type Paint } from "./context.ts";
import type { Cli } from "./io.ts";
import { formatTable } from "./table.ts";
import { countOf, formatDuration, formatTime, formatValue } from "./text.ts";

/** Adds `audit`, which proves that everything received is accounted for, or says what is not. */
export function addAudit(program: Command, cli: Cli): void {
  declare(
    program,
    "audit",
    "Prove that everything received is accounted for, or say what is not.",
    {
      0: "balanced",
      1: "a gap; the ids are printed",
      2: "could not check",
    },
  )
    .option(
      "--since <time>",
      "only what was received since: 24h (ago) or 2026-03-01T10:00:00Z; default: all",
      timeOption(cli),
    )
    .action(({ since }: { since?: number }, command: Command) => {
      const context = contextOf(command, cli);
      const report = auditData(context.data, { since: since ?? null, now: cli.now() });
      cli.exit(report.balanced ? 0 : 1);
      if (context.json) return context.printJson(report);
      context.print(...describeReport(report, context.paint, cli.columns));
    });
}

function describeReport(report: AuditReport, paint: Paint, width: number): string[] {
  const { window, decided_to, newest } = report;
  const from = window.since === null ? "the beginning" : formatTime(window.since);
  return [
    `audit from ${from} to ${formatTime(window.until)}, decided to ${decided_to} of ${newest}`,
    "",
    ...sourceTable(report),
    "",
    ...destinationTable(report),
    "",
    ...describeFlight(report),
    ...describeVerdict(report, paint, width),
  ];
}

/** What came in and what it came to; the last line is the sum. */
function sourceTable({ sources, received, outcomes }: AuditReport): string[] {
  const header = ["SOURCE", "RECEIVED", "ACCEPTED", "DUPLICATE", "QUARANTINED", "EMPTY"];
  const decided = ["ALERTS", "UPDATES", "REPEATS", "KNOWN", "IN FLIGHT"];
  const row = (
    name: string,
    all: AuditReport["received"],
    came: AuditReport["outcomes"],
    flying: number,
  ) => [
    name,
    ...[all.items, all.accepted, all.duplicates, all.quarantined, all.empty_receipts].map(String),
    ...[came.alert, came.updated, came.repeat, came.duplicate, flying].map(String),
  ];
  const flying = sources.reduce((sum, source) => sum + source.in_flight.entries, 0);
  return formatTable(
    [...header, ...decided],
    [
      ...sources.map((s) => row(s.name, s.received, s.outcomes, s.in_flight.entries)),
      row("all", received, outcomes, flying),
    ],
  );
}

function destinationTable({ destinations }: AuditReport): string[] {
  const header = [
    "DESTINATION",
    "DELIVERED",
    "PENDING",
    "HELD",
    "DEAD",
    "SUPPRESSED",
    "FOLDED",
    "OLDEST",
  ];
  const rows = destinations.map((d) => [
    d.name,
    ...[d.delivered, d.pending, d.held, d.dead, d.suppressed, d.folded].map(String),
    d.oldest_pending_age_ms === null ? "-" : formatDuration(d.oldest_pending_age_ms),
  ]);
  return formatTable(header, rows);
}

function describeFlight({ alerts, in_flight }: AuditReport): string[] {
  const { entries, deliveries, oldest_age_ms: age } = in_flight;
  const oldest = age === null ? "" : `, the oldest for ${formatDuration(age)}`;
  return [
    `${countOf(alerts.routed, "alert")} routed, ${alerts.unrouted} unrouted (no route took them)`,
    `in flight: ${countOf(entries, "event")} to decide, ${countOf(deliveries, "delivery")} to send${oldest}`,
  ];
}

function describeVerdict({ balanced, gap_count, gaps }: AuditReport, paint: Paint, width: number) {
  if (balanced) return [paint.green("balanced")];
  const rows = gaps.map(({ kind, id, position, detail }) => [
    kind,
    id || "-",
    position === null ? "-" : String(position),
    formatValue(detail),
  ]);
  const shown = gap_count > gaps.length ? `, ${gaps.length} of them shown` : "";
  return [
    paint.red(`NOT BALANCED: ${countOf(gap_count, "gap")}${shown}`),
    ...formatTable(["GAP", "ID", "POSITION", "DETAIL"], rows, width),
  ];
}
