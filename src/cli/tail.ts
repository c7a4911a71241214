/** `tocsin tail` */
import type { Command } from "commander";
import { positionOfNumber } from "../alert/id.ts";
import type { ListedAlert } from "../ledger/alerts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { declare, timeOption, wholeNumber } from "./command.ts";
import { contextOf, type Context } from "./context.ts";
import { withLedger } from "./data.ts";
import { paintState } from "./deliveries.ts";
import { DeliveryWatch, type DeliveryNews } from "./delivery-watch.ts";
import type { Cli } from "./io.ts";
import { collectPages, itemsOf } from "./pages.ts";
import { paintSeverity } from "./severity.ts";
import { formatTime, formatValue } from "./text.ts";

const POLL_MS = 500;
const DEFAULT_LINES = 20;

interface TailOptions {
  readonly follow: boolean;
  readonly since?: number;
  readonly lines?: number;
}

/** Adds `tail`, which prints alerts and what becomes of their deliveries as they come. */
export function addTail(program: Command, cli: Cli): void {
  declare(program, "tail", "Print alerts and delivery results as they come, until Ctrl-C.", {
    0: "ended by Ctrl-C, or all was printed (--no-follow)",
  })
    .option("--follow", "go on as more comes", true)
    .option("--no-follow", "print what there is and end")
    .option("--since <time>", "begin with alerts received since: 10m (ago)", timeOption(cli))
    .option(
      "-n, --lines <n>",
      "begin with this many alerts; 20 unless --since is given",
      wholeNumber,
    )
    .action(async (options: TailOptions, command: Command) => {
      const context = contextOf(command, cli);
      await withLedger(context.data, cli.now, async (ledger) => {
        const tail = new Tail(ledger, context);
        await tail.printPast(options);
        if (options.follow) await follow(tail, cli);
      });
    });
}

async function follow(tail: Tail, cli: Cli): Promise<void> {
  const stopped = new AbortController();
  const forget = cli.onStop(() => stopped.abort());
  const end = AbortSignal.any([stopped.signal, cli.stdoutClosed]);
  try {
    while (!end.aborted) {
      await cli.wait(POLL_MS, end);
      await tail.printNew();
    }
  } finally {
    forget();
  }
}

/** Remembers what was printed. */
class Tail {
  readonly #ledger: Ledger;
  readonly #context: Context;
  readonly #watch: DeliveryWatch;
  #seen = 0;

  constructor(ledger: Ledger, context: Context) {
    this.#ledger = ledger;
    this.#context = context;
    this.#watch = new DeliveryWatch(ledger);
  }

  async printPast({ since, lines, follow: isFollowing }: TailOptions): Promise<void> {
    const limit = lines ?? (since === undefined ? DEFAULT_LINES : Number.POSITIVE_INFINITY);
    // First the newest, printed or not: what comes after this moment is not behind us.
    const newest = await this.#ledger.listAlerts({ limit: 1 });
    const { items } = await collectPages(limit, undefined, (page) =>
      this.#ledger.listAlerts({ ...page, since }),
    );
    this.#seen = Math.max(positionOf(newest.items[0]), positionOf(items[0]));
    if (isFollowing) await this.#watch.addPending();
    await this.#printAlerts(items.toReversed());
  }

  async printNew(): Promise<void> {
    const after = this.#seen;
    const alerts = itemsOf((page) => this.#ledger.listAlerts({ ...page, order: "oldest", after }));
    for await (const alert of alerts) {
      this.#seen = Math.max(this.#seen, positionOf(alert));
      await this.#printAlerts([alert]);
    }
    for (const news of await this.#watch.look()) this.#printNews(news);
  }

  async #printAlerts(alerts: readonly ListedAlert[]): Promise<void> {
    for (const alert of alerts) {
      this.#printAlert(alert);
      for (const news of await this.#watch.addAlert(alert.number)) this.#printNews(news);
    }
  }

  #printAlert(alert: ListedAlert): void {
    const { json, paint, print } = this.#context;
    if (json) return print(JSON.stringify({ alert }));
    const { severity, number, source, title, routing } = alert;
    const name = paintSeverity(severity, paint, severity.padEnd("informational".length));
    const unrouted = routing === "unrouted" ? paint.yellow("  (unrouted)") : "";
    const time = paint.dim(formatTime(alert.received_at));
    print(`${time}  ${name}  ${number}  ${source.name}  ${formatValue(title)}${unrouted}`);
  }

  #printNews({ delivery, at, text }: DeliveryNews): void {
    const { json, paint, print } = this.#context;
    if (json) return print(JSON.stringify({ delivery }));
    const state = paintState(delivery.state, paint, delivery.state.padEnd("informational".length));
    const { number } = delivery.alert;
    print(
      `${paint.dim(formatTime(at))}  ${state}  ${number}  → ${delivery.destination}  ${formatValue(text)}`,
    );
  }
}

function positionOf(alert: ListedAlert | undefined): number {
  return (alert && positionOfNumber(alert.number)) ?? 0;
}
