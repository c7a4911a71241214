/** `tocsin deliveries` */
import { Option, type Command } from "commander";
import type { AttemptRecord, DeliveryDetail, DeliveryRecord } from "../ledger/deliveries.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { DELIVERY_STATES, type DeliveryState } from "../pipeline/outcome.ts";
import { declare, declareGroup, declareList, wholeNumber } from "./command.ts";
import { contextOf, type Paint } from "./context.ts";
import { withLedger } from "./data.ts";
import type { Cli } from "./io.ts";
import { collectPages, moreLines } from "./pages.ts";
import { formatTable } from "./table.ts";
import { formatDuration, formatTime, formatValue } from "./text.ts";

interface ListOptions {
  readonly state?: DeliveryState;
  readonly destination?: string;
  readonly alert?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Adds `deliveries list` and `deliveries show`. */
export function addDeliveries(program: Command, cli: Cli): void {
  const group = declareGroup(
    program,
    "deliveries",
    "List deliveries, or show one with its attempts.",
  );
  declareList(group, "List deliveries, the newest first.")
    .addOption(new Option("--state <state>", "only those in this state").choices(DELIVERY_STATES))
    .option("--destination <name>", "only those for this destination")
    .option("--alert <alert>", "only those of this alert (number or id)")
    .option("--limit <n>", "at most this many", wholeNumber, 50)
    .option("--cursor <cursor>", "continue a list where it ended")
    .action((options: ListOptions, command: Command) => list(options, command, cli));
  declare(group, "show", "Show a delivery with its attempts.", {
    0: "shown",
    1: "there is no such delivery",
  })
    .argument("<id>", "number of the delivery", wholeNumber)
    .action((id: number, _options: unknown, command: Command) => show(id, command, cli));
}

async function list(options: ListOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const { limit, cursor, state, destination, alert } = options;
  const found = await withLedger(context.data, cli.now, (ledger) =>
    collectDeliveries(ledger, limit, cursor, { state, destination, alert }),
  );
  if (context.json) return context.printJson(found);
  const table = formatDeliveries(found.items, context.paint, cli.columns);
  context.print(...table, ...moreLines(found.next));
}

/** Deliveries that fit, over all pages up to `limit`. */
export function collectDeliveries(
  ledger: Ledger,
  limit: number,
  cursor: string | undefined,
  query: Parameters<Ledger["listDeliveries"]>[0],
) {
  return collectPages(limit, cursor, (page) => ledger.listDeliveries({ ...page, ...query }));
}

/** Deliveries as a table. */
export function formatDeliveries(
  items: readonly DeliveryRecord[],
  paint: Paint,
  width: number,
): string[] {
  const header = [
    "ID",
    "STATE",
    "DESTINATION",
    "ALERT",
    "TRIES",
    "CREATED",
    "NEXT",
    "WHY",
    "DETAIL",
  ];
  const rows = items.map((delivery) => [
    String(delivery.id),
    { text: delivery.state, paint: (text: string) => paintState(delivery.state, paint, text) },
    delivery.destination,
    delivery.alert.number,
    String(delivery.attempt_count),
    formatTime(delivery.created_at),
    formatTime(delivery.due_at),
    delivery.reason,
    delivery.last_error ?? delivery.alert.title,
  ]);
  return formatTable(header, rows, width);
}

/** A delivery's state, or another text, in the colour of the state. */
export function paintState(state: DeliveryState, paint: Paint, text: string = state): string {
  switch (state) {
    case "delivered":
      return paint.green(text);
    case "dead":
      return paint.red(text);
    case "pending":
      return paint.yellow(text);
    case "folded":
    case "suppressed":
      return paint.dim(text);
  }
}

async function show(id: number, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const delivery = await withLedger(context.data, cli.now, (ledger) => ledger.getDelivery(id));
  if (context.json) return context.printJson(delivery);
  context.print(...describeDelivery(delivery, context.paint, ""));
}

/** A delivery and its attempts, every line behind `indent`. */
export function describeDelivery(
  { alert, attempts, ...delivery }: DeliveryDetail,
  paint: Paint,
  indent: string,
): string[] {
  const { id, destination, route, state, reason, thread, due_at } = delivery;
  const ended = due_at === null ? "" : `, tried next ${formatTime(due_at)}`;
  return [
    `${paintState(state, paint)} #${id} ${alert.number} → ${destination} (${reason}${ended})`,
    `  route ${route}${thread === null ? "" : `, thread ${formatValue(thread)}`}`,
    ...attempts.map(describeAttempt),
  ].map((line) => `${indent}${line}`);
}

/** `try 2  2026-03-01 10:00:05Z  retry  server_error  503  34ms  …` */
function describeAttempt({ number, at, verdict, reason, ...attempt }: AttemptRecord): string {
  const { status, duration_ms, error } = attempt;
  const parts = [
    `try ${number}`,
    formatTime(at),
    verdict,
    reason,
    status,
    formatDuration(duration_ms),
  ];
  const line = parts.filter((part) => part !== null).join("  ");
  return `  ${line}${error === null ? "" : `  ${formatValue(error)}`}`;
}
