/** `tocsin case` */
import { Option, type Command } from "commander";
import type { Case } from "../case/case.ts";
import { CASE_STATES, type CaseQuery } from "../ledger/cases.ts";
import { appliedStopValues } from "./applied.ts";
import { addCaseChanges } from "./case-changes.ts";
import { addCaseMoves } from "./case-moves.ts";
import { describeCase } from "./case-text.ts";
import { declare, declareGroup, declareList, wholeNumber } from "./command.ts";
import { contextOf, type Paint } from "./context.ts";
import { withLedger } from "./data.ts";
import type { Cli } from "./io.ts";
import { collectPages, moreLines } from "./pages.ts";
import { paintSeverity } from "./severity.ts";
import { formatTable } from "./table.ts";
import { formatTime } from "./text.ts";

interface ListOptions {
  readonly query?: string;
  readonly status?: NonNullable<CaseQuery["status"]>;
  readonly owner?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Adds `case` and its commands. */
export function addCase(program: Command, cli: Cli): void {
  const group = declareGroup(program, "case", "List cases, show one, or work on one.");
  declareList(group, "List cases, the newest first.")
    .option("--query <kql>", "only cases that match, such as 'tags: vip and severity >= high'")
    .addOption(
      new Option("--status <status>", "only those; open is new, in progress or on hold").choices(
        CASE_STATES,
      ),
    )
    .option("--owner <name>", "only those of this owner")
    .option("--limit <n>", "at most this many", wholeNumber, 50)
    .option("--cursor <cursor>", "continue a list where it ended")
    .action((options: ListOptions, command: Command) => list(options, command, cli));
  declare(group, "show", "Show a case: its alerts, what happened to it, and related cases.", {
    0: "shown",
    1: "there is no such case",
  })
    .argument("<case>", "number (CASE-000012 or 12)")
    .action((name: string, _options: unknown, command: Command) => show(name, command, cli));
  addCaseChanges(group, cli);
  addCaseMoves(group, cli);
}

async function list(options: ListOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const { query: q, status, owner, limit, cursor } = options;
  const found = await withLedger(context.data, cli.now, (ledger) =>
    collectPages(limit, cursor, (page) => ledger.listCases({ ...page, q, status, owner })),
  );
  if (context.json) return context.printJson(found);
  context.print(...formatCases(found.items, context.paint, cli.columns), ...moreLines(found.next));
}

function formatCases(items: readonly Case[], paint: Paint, width: number): string[] {
  const header = ["CASE", "STATUS", "SEVERITY", "ALERTS", "OWNER", "LAST ALERT", "TITLE"];
  const rows = items.map((found) => [
    found.id,
    found.status,
    { text: found.severity, paint: (text: string) => paintSeverity(found.severity, paint, text) },
    String(found.alert_count),
    found.owner ?? "-",
    formatTime(found.last_alert_at),
    found.title,
  ]);
  return formatTable(header, rows, width);
}

async function show(name: string, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const stopValues = appliedStopValues(context, cli);
  const read = withLedger(context.data, cli.now, (ledger) => ledger.getCase(name), stopValues);
  const found = await read;
  if (context.json) return context.printJson(found);
  context.print(...describeCase(found, context.paint));
}
