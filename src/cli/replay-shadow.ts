/** `tocsin replay --shadow` */
import { openHistory } from "../ledger/history.ts";
import { rehearseHistory } from "../rehearsal/backtest.ts";
import type { SentMessage } from "../rehearsal/message.ts";
import { readActs, sideOf } from "./backtest-sides.ts";
import { loadWhole, pickNamed } from "./configuration.ts";
import type { Context } from "./context.ts";
import type { Cli } from "./io.ts";
import { formatTable } from "./table.ts";
import { countOf, formatTime } from "./text.ts";

export interface ShadowOptions {
  /** Epoch milliseconds: events received at or after, and before. */
  readonly since: number;
  readonly until?: number;
  readonly destination?: string;
}

/** Alerts of a message that are named. */
const NAMED = 3;

/** Prints each message that the events of a time would come to with the configuration as it is. */
export async function replayShadow(
  { since, until, destination }: ShadowOptions,
  context: Context,
  cli: Cli,
): Promise<void> {
  const window = { since, until: until ?? cli.now() };
  const configuration = loadWhole(context, cli);
  if (destination !== undefined) pickNamed(configuration.destinations, destination, "destination");
  const side = sideOf(context.data, configuration);
  const messages: SentMessage[] = [];
  const history = openHistory(context.data, window);
  try {
    await rehearseHistory(history, window, side, readActs(context.data, since), {
      onMessage(message) {
        if (destination === undefined || message.destination === destination)
          messages.push(message);
      },
    });
  } finally {
    await history.close();
  }
  if (context.json)
    return context.printJson({ left_out: history.left, messages: toJson(messages) });
  context.print(`would send ${countOf(messages.length, "message")}`);
  if (messages.length > 0) context.print(...formatMessages(messages, cli.columns));
}

function toJson(messages: readonly SentMessage[]) {
  return messages.map(({ at, alerts, ...message }) => ({
    at: new Date(at).toISOString(),
    ...message,
    alerts: alerts.map(({ id, number, title, severity, count }) => {
      return { id, number, title, severity, count };
    }),
  }));
}

function formatMessages(messages: readonly SentMessage[], width: number): string[] {
  const rows = messages.map(({ at, destination, kind, alerts }) => {
    const numbers = alerts.slice(0, NAMED).map(({ number }) => number);
    const more = alerts.length > NAMED ? ` +${alerts.length - NAMED}` : "";
    return [
      formatTime(at),
      destination,
      alerts.length > 1 ? `digest of ${alerts.length}` : kind,
      numbers.join(" ") + more,
      alerts[0]?.title ?? "",
    ];
  });
  return formatTable(["TIME", "DESTINATION", "KIND", "ALERTS", "TITLE"], rows, width);
}
