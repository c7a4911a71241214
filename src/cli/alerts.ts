/** `tocsin alerts` */
import type { Command } from "commander";
import type { AlertDetail } from "../ledger/alert.ts";
import type { ListedAlert } from "../ledger/alerts.ts";
import { declare, declareGroup, declareList, timeOption, wholeNumber } from "./command.ts";
import { contextOf, type Context, type Paint } from "./context.ts";
import { withLedger } from "./data.ts";
import type { Cli } from "./io.ts";
import { collectPages, moreLines } from "./pages.ts";
import { paintSeverity } from "./severity.ts";
import { formatTable } from "./table.ts";
import { describeAttack, formatTime, formatValue, printableLines } from "./text.ts";

interface ListOptions {
  readonly query?: string;
  readonly limit: number;
  readonly since?: number;
  readonly case?: string;
  readonly unrouted?: boolean;
  readonly cursor?: string;
}

/** Adds `alerts list` and `alerts show`. */
export function addAlerts(program: Command, cli: Cli): void {
  const group = declareGroup(program, "alerts", "List alerts, or show one.");
  declareList(group, "List alerts, the newest first.")
    .option("--query <kql>", "only alerts that match, such as 'severity >= high'")
    .option("--since <time>", "received since: 24h (ago) or 2026-03-01T10:00:00Z", timeOption(cli))
    .option("--unrouted", "only alerts that no route took")
    .option("--case <case>", "only alerts of this case (CASE-000012 or 12)")
    .option("--limit <n>", "at most this many", wholeNumber, 50)
    .option("--cursor <cursor>", "continue a list where it ended")
    .action((options: ListOptions, command: Command) => list(options, command, cli));
  declare(group, "show", "Show an alert.", { 0: "shown", 1: "there is no such alert" })
    .argument("<alert>", "number (ALR-000123) or id")
    .action((name: string, _options: unknown, command: Command) => show(name, command, cli));
}

async function list(options: ListOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const { query: q, since, limit, cursor, case: inCase, unrouted } = options;
  const routing = unrouted ? "unrouted" : undefined;
  const found = await withLedger(context.data, cli.now, (ledger) =>
    collectPages(limit, cursor, (page) =>
      ledger.listAlerts({ ...page, q, since, case: inCase, routing }),
    ),
  );
  if (context.json) return context.printJson(found);
  context.print(...formatAlerts(found.items, context, cli.columns), ...moreLines(found.next));
}

function formatAlerts(items: readonly ListedAlert[], { paint }: Context, width: number): string[] {
  const header = [
    "ALERT",
    "RECEIVED",
    "SEVERITY",
    "STATUS",
    "SOURCE",
    "ROUTING",
    "COUNT",
    "CASE",
    "TITLE",
  ];
  const rows = items.map((alert) => [
    alert.number,
    formatTime(alert.received_at),
    { text: alert.severity, paint: (text: string) => paintSeverity(alert.severity, paint, text) },
    alert.status,
    alert.source.name,
    alert.routing,
    String(alert.count),
    alert.case_id ?? "-",
    alert.title,
  ]);
  return formatTable(header, rows, width);
}

async function show(name: string, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const alert = await withLedger(context.data, cli.now, (ledger) => ledger.getAlert(name));
  if (context.json) return context.printJson(alert);
  context.print(...describeAlert(alert, context.paint));
}

function describeAlert(alert: AlertDetail, paint: Paint): string[] {
  const { source, rule, severity, severity_original: original } = alert;
  const line = (label: string, value: unknown) =>
    value === null || value === "" ? [] : [`  ${label.padEnd(12)}${formatValue(value)}`];
  const each = <Item>(label: string, items: readonly Item[], format: (item: Item) => string) =>
    items.flatMap((item, index) => line(index === 0 ? label : "", format(item)));
  return [
    `${alert.number}  ${paintSeverity(severity, paint)}  ${paint.bold(formatValue(alert.title))}`,
    ...line("id", alert.id),
    ...line("status", `${alert.status}, ${alert.routing}, seen ${alert.count} times`),
    ...line("verdict", alert.verdict),
    ...line("case", alert.case_id),
    ...line("follows", alert.follows),
    ...line("source", `${source.name} (${source.vendor} ${source.product})`),
    ...line("severity", `${severity} (written ${original ?? "nowhere"})`),
    ...line("risk score", alert.risk_score),
    ...line("rule", rule.name),
    ...line("happened", alert.event_time && formatTime(alert.event_time)),
    ...line("detected", alert.detected_at && formatTime(alert.detected_at)),
    ...line("received", formatTime(alert.received_at)),
    ...line("reason", alert.reason),
    ...line("link", alert.external.url),
    ...line("tags", alert.tags.join(", ")),
    ...each("attack", alert.attack, describeAttack),
    ...each("artifacts", alert.artifacts, (a) => `${a.type} ${a.value}  (${a.role}, ${a.field})`),
    ...each("flags", alert.provenance.flags, String),
    ...each(
      "deliveries",
      alert.deliveries,
      (d) => `${d.destination} ${d.state}, ${d.reason} (#${d.id})`,
    ),
    ...each("by hand", alert.actions, describeAction),
    ...(alert.description === null ? [] : ["", ...printableLines(alert.description)]),
    "",
    `Why: tocsin explain ${alert.number}`,
  ];
}

/** `2026-03-01 10:00:05Z ada: closed, benign`. */
function describeAction({ at, who, detail }: AlertDetail["actions"][number]): string {
  const { status, verdict, text } = detail;
  const what = [text ?? status, verdict].filter((part) => typeof part === "string").join(", ");
  return `${formatTime(at)} ${who}: ${what}`;
}
