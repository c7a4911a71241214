/** `tocsin replay` */
import type { Command } from "commander";
import type { DeliveryRecord } from "../ledger/deliveries.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { requeueDeliveries } from "../store/sqlite/admin.ts";
import { declare, timeOption } from "./command.ts";
import { contextOf } from "./context.ts";
import { changeStore, withLedger } from "./data.ts";
import { usage } from "./failure.ts";
import type { Cli } from "./io.ts";
import { itemsOf } from "./pages.ts";
import { replayShadow } from "./replay-shadow.ts";
import { formatTable } from "./table.ts";
import { countOf } from "./text.ts";
import { byOf } from "./who.ts";

interface ReplayOptions {
  readonly since: number;
  readonly until?: number;
  readonly destination?: string;
  readonly query?: string;
  readonly dryRun?: boolean;
  readonly live?: boolean;
  readonly shadow?: boolean;
}

/** Adds `replay`, which sends again what was sent or given up, or shows what would be sent now. */
export function addReplay(program: Command, cli: Cli): void {
  const text = "10m, 24h, 3d (ago) or 2026-03-01T10:00:00Z";
  declare(
    program,
    "replay",
    "Send the deliveries of past alerts again, with the same idempotency keys.",
    {
      0: "put back, or shown; none is not an error",
    },
  )
    .requiredOption("--since <time>", `alerts received since: ${text}`, timeOption(cli))
    .option("--until <time>", `and before: ${text}; default: now`, timeOption(cli))
    .option("--destination <name>", "only deliveries for this destination")
    .option("--live", "put back what was sent or given up; the default")
    .option("--shadow", "decide the events again with the configuration as it is, and send nothing")
    .option("--query <kql>", "only alerts that match, such as 'severity >= high'")
    .option("--dry-run", "say how many there are and put nothing back")
    .action((options: ReplayOptions, command: Command) => replay(options, command, cli));
}

async function replay(options: ReplayOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  requireSense(options);
  if (options.shadow) return replayShadow(options, context, cli);
  const found = await withLedger(context.data, cli.now, (ledger) =>
    findDeliveries(ledger, options),
  );
  const { ids, alerts, destinations } = found;
  const isDry = options.dryRun ?? false;
  const replayed = isDry
    ? 0
    : changeStore(context.data, (database) =>
        requeueDeliveries(database, { ids }, byOf({}, cli).who, cli.now()),
      );
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

function requireSense({ since, until, live, shadow, query }: ReplayOptions): void {
  if (until !== undefined && until <= since) {
    throw usage(
      "--until is not behind --since",
      "--since 2h --until 1h is the hour before the last",
    );
  }
  if (live && shadow) {
    throw usage("--live and --shadow exclude each other", "--shadow shows, --live sends");
  }
  if (shadow && query !== undefined) {
    throw usage("--query goes with --live only", "--shadow decides all events of the time");
  }
}

/**
 * The delivery that a replay sends again: what was sent or given up itself, for what is told in a
 * digest its carrier. Null for what a shadow route or a silence held back, what still waits, and a
 * status that was written back: it is no message about the alert, and goes again when asked for.
 */
function sentBy(
  { id, kind, state, carrier }: DeliveryRecord,
  destination: string | undefined,
): number | null {
  if (kind === "status" && destination === undefined) return null;
  const sent = state === "folded" && carrier ? carrier : { id, state };
  return sent.state === "delivered" || sent.state === "dead" ? sent.id : null;
}

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
  const found = { alerts: 0, destinations: {} as Record<string, number> };
  const ids = new Set<number>();
  for await (const { number } of alerts) {
    const { items } = await ledger.listDeliveries({ alert: number, destination });
    const ended = items.flatMap((delivery) => {
      const id = sentBy(delivery, destination);
      return id === null ? [] : [{ id, name: delivery.destination }];
    });
    if (ended.length > 0) found.alerts += 1;
    for (const { id, name } of ended) {
      if (ids.has(id)) continue;
      ids.add(id);
      found.destinations[name] = (found.destinations[name] ?? 0) + 1;
    }
  }
  return { ...found, ids: [...ids] };
}
