/** `tocsin dead` */
import type { Command } from "commander";
import { fail } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { requeueDeliveries, type Selection } from "../store/sqlite/admin.ts";
import { declare, declareGroup, declareList, wholeNumber } from "./command.ts";
import { contextOf } from "./context.ts";
import { changeStore, withLedger } from "./data.ts";
import { collectDeliveries, formatDeliveries } from "./deliveries.ts";
import { usage } from "./failure.ts";
import type { Cli } from "./io.ts";
import { moreLines } from "./pages.ts";
import { countOf } from "./text.ts";
import { byOf } from "./who.ts";

interface ListOptions {
  readonly destination?: string;
  readonly limit: number;
  readonly cursor?: string;
}

interface ReplayOptions {
  readonly all?: boolean;
  readonly destination?: string;
}

/** Adds `dead list` and `dead replay`. */
export function addDead(program: Command, cli: Cli): void {
  const group = declareGroup(program, "dead", "List dead letters, or send them again.");
  declareList(group, "List deliveries that were given up, the newest first.")
    .option("--destination <name>", "only those for this destination")
    .option("--limit <n>", "at most this many", wholeNumber, 50)
    .option("--cursor <cursor>", "continue a list where it ended")
    .action((options: ListOptions, command: Command) => list(options, command, cli));
  declare(group, "replay", "Send dead letters again, with the same idempotency keys.", {
    0: "put back (none is not an error when all were asked for)",
    1: "one that was named is not dead; nothing was put back",
  })
    .argument("[id...]", "deliveries by number, or alerts by number or id")
    .option("--all", "all dead letters")
    .option("--destination <name>", "all dead letters of this destination")
    .action((names: string[], options: ReplayOptions, command: Command) =>
      replay(names, options, command, cli),
    );
}

async function list(options: ListOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const { limit, cursor, destination } = options;
  const found = await withLedger(context.data, cli.now, (ledger) =>
    collectDeliveries(ledger, limit, cursor, { state: "dead", destination }),
  );
  if (context.json) return context.printJson(found);
  context.print(
    ...formatDeliveries(found.items, context.paint, cli.columns),
    ...moreLines(found.next),
  );
}

async function replay(names: string[], options: ReplayOptions, command: Command, cli: Cli) {
  const context = contextOf(command, cli);
  const selection = await withLedger(context.data, cli.now, (ledger) =>
    select(ledger, names, options),
  );
  const replayed = changeStore(context.data, (database) =>
    requeueDeliveries(database, selection, byOf({}, cli).who, cli.now()),
  );
  if (context.json) return context.printJson({ replayed });
  context.print(`put back ${countOf(replayed, "delivery")}`);
}

async function select(
  ledger: Ledger,
  names: readonly string[],
  { all, destination }: ReplayOptions,
): Promise<Selection> {
  const isBulk = all === true || destination !== undefined;
  if (names.length > 0 && isBulk) {
    throw usage("ids stand beside --all or --destination", "give either ids or one of them");
  }
  if (isBulk) return { state: "dead", destination };
  if (names.length === 0) throw usage("nothing is named", "give ids, --destination NAME or --all");
  const ids = await Promise.all(names.map((name) => deadIds(ledger, name)));
  return { ids: ids.flat() };
}

/** Ids of the dead deliveries that a name stands for. Throws NOT_FOUND when there is none. */
async function deadIds(ledger: Ledger, name: string): Promise<number[]> {
  const meant = /^\d+$/.test(name)
    ? [await ledger.getDelivery(Number(name))]
    : (await ledger.listDeliveries({ alert: name })).items;
  const dead = meant.filter(({ state }) => state === "dead");
  if (dead.length > 0) return dead.map(({ id }) => id);
  throw fail("NOT_FOUND", {
    component: "dead",
    message: `${name} is no dead letter`,
    hint: "tocsin dead lists them; tocsin replay sends again what was delivered",
  });
}
