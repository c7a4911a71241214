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
import { countOf, formatDuration, formatTime, formatValue } from "./text.ts";

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
    "KIND",
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
    kindOf(delivery),
    delivery.destination,
    delivery.alert.number,
    String(delivery.attempt_count),
    formatTime(delivery.created_at),
    formatTime(delivery.due_at ?? delivery.held_until),
    delivery.reason,
    delivery.last_error ?? delivery.alert.title,
  ]);
  return formatTable(header, rows, width);
}

/** `alert`, `reminder`, `update`, or `digest of 5`. */
export function kindOf({ kind, digest, alert_count }: DeliveryRecord): string {
  return digest === null ? kind : `digest of ${alert_count}`;
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
export function describeDelivery(delivery: DeliveryDetail, paint: Paint, indent: string): string[] {
  const { id, alert, destination, route, state, thread, attempts } = delivery;
  const in_thread = thread === null ? "" : `, thread ${formatValue(thread)}`;
  const what = delivery.kind === "alert" ? "" : `, ${delivery.kind}`;
  return [
    `${paintState(state, paint)} #${id} ${alert.number} → ${destination}${what} (${reasonOf(delivery)})`,
    `  route ${route}${in_thread}`,
    ...describeDigest(delivery),
    ...attempts.map(describeAttempt),
  ].map((line) => `${indent}${line}`);
}

/** `silence S-12`, `group_wait, held until …`, `server_error, tried next …`. */
function reasonOf({ reason, cause, digest, due_at, hold, held_until }: DeliveryDetail): string {
  const parts = [
    cause === null || digest !== null ? reason : `${reason} ${cause}`,
    hold === null ? "" : held_until === null ? "held" : `held until ${formatTime(held_until)}`,
    due_at === null ? "" : `tried next ${formatTime(due_at)}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** What it tells of besides its own alert, or which other tells of it. */
function describeDigest({
  digest,
  cause,
  alert_count,
  members,
  carrier,
}: DeliveryDetail): string[] {
  if (carrier) {
    const { id, alert, state, done_at } = carrier;
    return [`  told by #${id} of ${alert}, ${state}${done_at ? ` ${formatTime(done_at)}` : ""}`];
  }
  if (digest === null) return [];
  const numbers = members.map(({ number }) => number).join(", ");
  const more = alert_count > members.length ? ` and ${alert_count - members.length} more` : "";
  const because = `${digest}${cause === null ? "" : ` ${cause}`}`;
  return [`  digest of ${countOf(alert_count, "alert")} (${because}): ${numbers}${more}`];
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
