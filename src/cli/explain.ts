/** `tocsin explain` */
import type { Command } from "commander";
import type { AlertDetail } from "../ledger/alert.ts";
import type { EventRecord } from "../ledger/events.ts";
import { explainTrace } from "../ledger/explain.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { declare } from "./command.ts";
import { contextOf, type Paint } from "./context.ts";
import { withLedger } from "./data.ts";
import { describeDelivery } from "./deliveries.ts";
import type { Cli } from "./io.ts";
import { paintSeverity } from "./severity.ts";
import { countOf, formatTime, formatValue, printable } from "./text.ts";

interface Explanation {
  readonly event: EventRecord;
  /** Null when the event came to none. */
  readonly alert: AlertDetail | null;
}

/** Adds `explain`, which tells how an event came to what it came to. */
export function addExplain(program: Command, cli: Cli): void {
  declare(program, "explain", "Tell how an alert was decided, stage by stage, and where it went.", {
    0: "explained",
    1: "there is no such alert or event",
  })
    .argument("<alert-or-event>", "number (ALR-000123) or id of an alert, or id of an event")
    .action(async (name: string, _options: unknown, command: Command) => {
      const context = contextOf(command, cli);
      const found = await withLedger(context.data, cli.now, (ledger) => look(ledger, name));
      if (context.json) return context.printJson(toJson(found));
      context.print(...describe(found, context.paint));
    });
}

async function look(ledger: Ledger, name: string): Promise<Explanation> {
  const event = await ledger.getEvent(name);
  return { event, alert: event.alert === null ? null : await ledger.getAlert(event.alert) };
}

function toJson({ event, alert }: Explanation) {
  if (!alert) return { event, alert: null, trace: [], deliveries: [], events: [event] };
  const { id, number, title, severity, routing, trace, deliveries, events } = alert;
  return { event, alert: { id, number, title, severity, routing }, trace, deliveries, events };
}

function describe({ event, alert }: Explanation, paint: Paint): string[] {
  return [...describeEvent(event, paint), ...(alert ? describeAlert(alert, event, paint) : [])];
}

function describeEvent(event: EventRecord, paint: Paint): string[] {
  const { outcome, reason, detail, key, times } = event;
  const why = [reason, detail].filter((part) => part !== null).map(formatValue);
  return [
    `event ${event.id} from ${event.source}, received ${formatTime(event.received_at)}`,
    `  key      ${key === null ? "gone with the stream's bytes" : formatValue(key)}`,
    ...(times !== null && times > 1 ? [`  came     ${times} times`] : []),
    `  outcome  ${paint.bold(outcome)}${why.length > 0 ? ` (${why.join(": ")})` : ""}`,
    ...nextStep(event),
  ];
}

function nextStep({ outcome, id }: EventRecord): string[] {
  if (outcome === "quarantined") return [`  see      tocsin quarantine show ${id}`];
  if (outcome === "in_flight")
    return ["  It is stored and waits to be decided; is the server running?"];
  return [];
}

function describeAlert(alert: AlertDetail, event: EventRecord, paint: Paint): string[] {
  const { number, title, severity, routing, trace, deliveries } = alert;
  const others = alert.events.filter(({ id }) => id !== event.id);
  return [
    "",
    `${number}  ${paintSeverity(severity, paint)}  ${paint.bold(formatValue(title))}`,
    "",
    "How it was decided:",
    ...explainTrace(trace).map((line) => `  ${printable(line)}`),
    "",
    deliveries.length === 0 ? `No delivery: it is ${routing}.` : "Where it went:",
    ...deliveries.flatMap((delivery) => describeDelivery(delivery, paint, "  ")),
    ...(others.length === 0 ? [] : ["", `${countOf(others.length, "other event")} of this alert:`]),
    ...others.map(
      ({ id, outcome, received_at }) => `  ${id}  ${outcome}, received ${formatTime(received_at)}`,
    ),
  ];
}
