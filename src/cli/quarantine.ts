/** `tocsin quarantine` */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { fail, messageOf } from "../errors.ts";
import {
  QUARANTINE_STATES,
  type QuarantinedDetail,
  type QuarantineQuery,
} from "../ledger/quarantine.ts";
import { declare, declareGroup, declareList, wholeNumber } from "./command.ts";
import { loadConfiguration } from "./configuration.ts";
import { contextOf } from "./context.ts";
import { withLedger } from "./data.ts";
import type { Cli } from "./io.ts";
import { collectPages, moreLines } from "./pages.ts";
import { replayQuarantined } from "./quarantine-replay.ts";
import { formatTable } from "./table.ts";
import { countOf, formatTime, formatValue, printableLines } from "./text.ts";

interface ListOptions {
  readonly state: NonNullable<QuarantineQuery["state"]>;
  readonly source?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Adds `quarantine list`, `quarantine show` and `quarantine replay`. */
export function addQuarantine(program: Command, cli: Cli): void {
  const group = declareGroup(program, "quarantine", "See and repair what could not be understood.");
  declareList(group, "List the quarantine, the newest first.")
    .addOption(
      new Option("--state <state>", "which items").choices(QUARANTINE_STATES).default("open"),
    )
    .option("--source <name>", "only items of this source")
    .option("--limit <n>", "at most this many", wholeNumber, 50)
    .option("--cursor <cursor>", "continue a list where it ended")
    .action((options: ListOptions, command: Command) => list(options, command, cli));
  declare(group, "show", "Show an item: reason, headers and content.", {
    0: "shown",
    1: "there is no such item, or its bytes are gone",
  })
    .argument("<id>", "id of the item")
    .option("--raw", "write its bytes, as they came, and nothing else")
    .action((id: string, options: { raw?: boolean }, command: Command) =>
      show(id, options.raw ?? false, command, cli),
    );
  declare(group, "replay", "Take an item in again, as it is or repaired.", {
    0: "taken in",
    1: "there is no such item, it was resolved before, or its bytes are gone",
    2: "it still cannot be read, or could not run: configuration, data folder",
  })
    .argument("<id>", "id of the item")
    .option("--file <file>", "read this instead of the bytes that were kept")
    .action((id: string, options: { file?: string }, command: Command) =>
      replay(id, options.file, command, cli),
    );
}

async function list(options: ListOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const { state, source, limit, cursor } = options;
  const found = await withLedger(context.data, cli.now, (ledger) =>
    collectPages(limit, cursor, (page) => ledger.listQuarantine({ ...page, state, source })),
  );
  if (context.json) return context.printJson(found);
  const rows = found.items.map((item) => [
    item.id,
    formatTime(item.received_at),
    item.source,
    String(item.size),
    item.resolved_at === null ? "open" : "resolved",
    item.reason,
    item.resolution ?? item.detail,
  ]);
  const header = ["ID", "RECEIVED", "SOURCE", "BYTES", "STATE", "REASON", "DETAIL"];
  context.print(...formatTable(header, rows, cli.columns), ...moreLines(found.next));
}

async function show(id: string, raw: boolean, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const item = await withLedger(context.data, cli.now, (ledger) => ledger.getQuarantined(id));
  if (raw) return cli.stdout(Buffer.from(requireBytes(item), "base64"));
  if (context.json) return context.printJson(item);
  context.print(...describe(item));
}

function requireBytes({ id, bytes }: QuarantinedDetail): string {
  if (bytes !== null) return bytes;
  throw fail("NOT_FOUND", {
    component: "quarantine",
    message: `the bytes of ${id} are gone`,
    hint: "retention.quarantine in the configuration says how long they are kept",
  });
}

function describe(item: QuarantinedDetail): string[] {
  const { resolution, resolved_at, receipt, text } = item;
  const line = (label: string, value: string) => `  ${label.padEnd(10)}${formatValue(value)}`;
  return [
    `quarantine ${item.id}`,
    line("source", item.source),
    line("received", formatTime(item.received_at)),
    line("reason", item.reason),
    line("detail", item.detail),
    line("bytes", String(item.size)),
    ...(resolved_at === null
      ? []
      : [line("resolved", `${formatTime(resolved_at)}, ${resolution}`)]),
    ...(receipt === null ? [] : [line("sent with", receipt.via)]),
    ...Object.entries(receipt?.headers ?? {}).map(([name, value]) =>
      line("header", `${name}: ${value}`),
    ),
    "",
    ...(text === null ? ["its bytes are gone"] : printableLines(text)),
  ];
}

async function replay(id: string, file: string | undefined, command: Command, cli: Cli) {
  const context = contextOf(command, cli);
  const configuration = loadConfiguration(context, cli);
  const repaired = file === undefined ? undefined : readRepaired(resolve(cli.cwd, file));
  const request = { id, repaired, now: cli.now() };
  const replayed = await replayQuarantined(context.data, configuration, request);
  const { events } = replayed;
  if (context.json) return context.printJson(replayed);
  context.print(
    `taken in as ${countOf(events.length, "event")}`,
    ...events.map(
      (event) =>
        `  ${event.id}  ${formatValue(event.key)}${event.duplicate ? "  (known already)" : ""}`,
    ),
  );
}

function readRepaired(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw fail("REQUEST_INVALID", {
      component: "quarantine",
      message: `cannot read ${file}: ${messageOf(error)}`,
      hint: "write the bytes with tocsin quarantine show ID --raw > repaired.json, then mend them",
      cause: error,
    });
  }
}
