/** `tocsin replay` */
import type { Command } from "commander";
import type { Ledger } from "../ledger/ledger.ts";
import { requeueDeliveries } from "../store/sqlite/admin.ts";
import { declare, timeOption } from "./command.ts";
import { contextOf } from "./context.ts";
import { changeStore, withLedger } from "./data.ts";
import { usage } from "./failure.ts";
import type { Cli } from "./io.ts";
import { itemsOf } from "./pages.ts";
import { formatTable } from "./table.ts";
import { countOf } from "./text.ts";

interface ReplayOptions {
  readonly since: number;
  readonly until?: number;
  readonly destination?: string;
  readonly query?: string;
  readonly dryRun?: boolean;
}

/** Adds `replay`, which sends again what was sent or given up. */
export function addReplay(program: Command, cli: Cli): void {
  const text = "10m, 24h, 3d (ago) or 2026-03-01T10:00:00Z";
  declare(
    program,
    "replay",
    "Send the deliveries of past alerts again, with the same idempotency keys.",
    {
      0: "put back; none is not an error",
    },
  )
    .requiredOption("--since <time>", `alerts received since: ${text}`, timeOption(cli))
    .option("--until <time>", `and before: ${text}; default: now`, timeOption(cli))
    .option("--destination <name>", "only deliveries for this destination")
    .option("--query <kql>", "only alerts that match, such as 'severity >= high'")
    .option("--dry-run", "say how many there are and put nothing back")
    .action((options: ReplayOptions, command: Command) => replay(options, command, cli));
}

async function replay(options: ReplayOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  if (options.until !== undefined && options.until <= options.since) {
    throw usage(
      "--until is not behind --since",
      "--since 2h --until 1h is the hour before the last",
    );
  }
  const found = await withLedger(context.data, cli.now, (ledger) =>
    findDeliveries(ledger, options),
  );
  const { ids, alerts, destinations } = found;
  const isDry = options.dryRun ?? false;
  const replayed = isDry
    ? 0
    : changeStore(context.data, (database) => requeueDeliveries(database, { ids }, cli.now()));
  if (context.json) {
    const counts = { alerts, deliveries: ids.length, replayed, destinations };
    return context.printJson({ dry_run: isDry, ...counts });
  }
  const what = `${countOf(ids.length, "delivery")} of ${countOf(alerts, "alert")}`;
  context.print(isDry ? `would put back ${what}` : `put back ${replayed} of ${what}`);
  if (ids.length === 0) return;
  const rows = Object.entries(destinations).map(([name, count]) => [name, String(count)]);
  context.print(...formatTable(["DESTINATION", "DELIVERIES"], rows));
}

/** What a replay means: what was sent, and what was given up. What a shadow route held back stays. */
const REPLAYED_STATES: readonly string[] = ["delivered", "dead"];

interface Found {
  readonly ids: number[];
  readonly alerts: number;
  readonly destinations: Record<string, number>;
}

async function findDeliveries(
  ledger: Ledger,
  { since, until, query, destination }: ReplayOptions,
): Promise<Found> {
  const alerts = itemsOf((page) =>
    ledger.listAlerts({ ...page, since, until, q: query, order: "oldest" }),
  );
  const found = { ids: [] as number[], alerts: 0, destinations: {} as Record<string, number> };
  for await (const { number } of alerts) {
    const { items } = await ledger.listDeliveries({ alert: number, destination });
    const ended = items.filter(({ state }) => REPLAYED_STATES.includes(state));
    if (ended.length > 0) found.alerts += 1;
    for (const { id, destination: name } of ended) {
      found.ids.push(id);
      found.destinations[name] = (found.destinations[name] ?? 0) + 1;
    }
  }
  return found;
}
