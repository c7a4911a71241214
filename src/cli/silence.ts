/** `tocsin silence` */
import { Option, type Command } from "commander";
import { applyChange } from "../app/changes/change.ts";
import { SILENCE_FILTERS, type SilenceQuery } from "../ledger/silences.ts";
import { declare, declareGroup, declareList, wholeNumber } from "./command.ts";
import { contextOf, type Context } from "./context.ts";
import { changeStore, withLedger } from "./data.ts";
import type { Cli } from "./io.ts";
import { collectPages, moreLines } from "./pages.ts";
import { addSilenceOptions, readChange, readWish, type SilenceOptions } from "./silence-options.ts";
import { describePreview, previewSilence } from "./silence-preview.ts";
import { describeDebt, describeSilence, formatSilences } from "./silence-text.ts";
import { addWho, byOf, type WhoOptions } from "./who.ts";

interface ListOptions {
  readonly state: SilenceQuery["state"];
  readonly limit: number;
  readonly cursor?: string;
}

type ChangeOptions = SilenceOptions & WhoOptions;

const ID = "S-12, or the name of one that stands in the configuration";
const NONE = "there is no such silence, it is over, or it stands in the configuration";

/** Adds `silence list`, `show`, `add`, `edit` and `end`. */
export function addSilence(program: Command, cli: Cli): void {
  const group = declareGroup(program, "silence", "Hold alerts back for a time; see what that hid.");
  addReads(group, cli);
  addChanges(group, cli);
}

function addReads(group: Command, cli: Cli): void {
  const state = new Option("--state <state>", "only those in this state").default("all");
  declareList(group, "List silences with what each of them hid, the newest first.")
    .addOption(state.choices(SILENCE_FILTERS))
    .option("--limit <n>", "at most this many", wholeNumber, 50)
    .option("--cursor <cursor>", "continue a list where it ended")
    .action((options: ListOptions, command: Command) => list(options, command, cli));
  const exits = { 0: "shown", 1: "there is no such silence" };
  declare(group, "show", "Show a silence, and the alerts that it held back.", exits)
    .argument("<silence>", ID)
    .action((id: string, _options: unknown, command: Command) => show(id, command, cli));
}

function addChanges(group: Command, cli: Cli): void {
  const adding = declare(group, "add", "Make a silence. It begins at once.", { 0: "made" });
  addWho(addSilenceOptions(adding))
    .option("--from <time>", "when it begins instead: 2026-03-01T10:00:00Z")
    .action((options: ChangeOptions, command: Command) => add(options, command, cli));
  const editing = declare(group, "edit", "Change a silence; what is not given stays.", {
    0: "changed",
    1: NONE,
  });
  addWho(addSilenceOptions(editing.argument("<silence>", ID))).action(
    (id: string, options: ChangeOptions, command: Command) => edit(id, options, command, cli),
  );
  const ending = declare(group, "end", "End a silence now.", { 0: "ended", 1: NONE });
  addWho(ending.argument("<silence>", ID)).action(
    (id: string, options: WhoOptions, command: Command) => end(id, options, command, cli),
  );
}

async function list({ state, limit, cursor }: ListOptions, command: Command, cli: Cli) {
  const context = contextOf(command, cli);
  const found = await withLedger(context.data, cli.now, (ledger) =>
    collectPages(limit, cursor, (page) => ledger.listSilences({ ...page, state })),
  );
  if (context.json) return context.printJson(found);
  const lines = formatSilences(found.items, context.paint, cli.columns);
  context.print(...lines, ...moreLines(found.next));
}

async function show(id: string, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const silence = await withLedger(context.data, cli.now, (ledger) => ledger.getSilence(id));
  if (context.json) return context.printJson(silence);
  context.print(...describeSilence(silence, context.paint));
}

async function add(options: ChangeOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const asked = { wish: readWish(options) };
  const { id } = changeStore(context.data, (database) =>
    applyChange(database, "silence.add", asked, byOf(options, cli)),
  );
  await tell(id, options, context, cli);
}

async function edit(
  silence: string,
  options: ChangeOptions,
  command: Command,
  cli: Cli,
): Promise<void> {
  const context = contextOf(command, cli);
  const asked = { silence, change: readChange(options) };
  const { id } = changeStore(context.data, (database) =>
    applyChange(database, "silence.change", asked, byOf(options, cli)),
  );
  await tell(id, options, context, cli);
}

/** What a silence has become; with a new matcher, what that would have done of late. */
async function tell(
  id: string,
  { match }: SilenceOptions,
  context: Context,
  cli: Cli,
): Promise<void> {
  await withLedger(context.data, cli.now, async (ledger) => {
    const silence = await ledger.getSilence(id);
    const preview = match === undefined ? null : await previewSilence(ledger, match, cli.now());
    if (context.json) return context.printJson({ silence, preview });
    const isEndless = silence.until === null && silence.cron === null;
    context.print(
      ...(isEndless ? ["warning: it never ends"] : []),
      ...(preview ? describePreview(preview) : []),
      ...describeSilence(silence, context.paint),
    );
  });
}

async function end(
  silence: string,
  options: WhoOptions,
  command: Command,
  cli: Cli,
): Promise<void> {
  const context = contextOf(command, cli);
  const { id } = changeStore(context.data, (database) =>
    applyChange(database, "silence.end", { silence }, byOf(options, cli)),
  );
  const ended = await withLedger(context.data, cli.now, (ledger) => ledger.getSilence(id));
  if (context.json) return context.printJson({ silence: ended });
  context.print(`ended ${id}; it hid ${describeDebt(ended)}`);
}
