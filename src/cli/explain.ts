/** `tocsin explain` */
import type { Command } from "commander";
import type { EventRecord } from "../ledger/events.ts";
import type { ExplainedStep, Explanation } from "../ledger/explain.ts";
import { declare } from "./command.ts";
import { contextOf, type Paint } from "./context.ts";
import { withLedger } from "./data.ts";
import { describeDelivery } from "./deliveries.ts";
import type { Cli } from "./io.ts";
import { paintSeverity } from "./severity.ts";
import { countOf, formatTime, formatValue, printable } from "./text.ts";

/** Adds `explain`, which tells how an event came to what it came to. */
export function addExplain(program: Command, cli: Cli): void {
  declare(program, "explain", "Tell how an alert was decided, stage by stage, and where it went.", {
    0: "explained",
    1: "there is no such alert or event",
  })
    .argument("<alert-or-event>", "number (ALR-000123) or id of an alert, or id of an event")
    .action(async (name: string, _options: unknown, command: Command) => {
      const context = contextOf(command, cli);
      const found = await withLedger(context.data, cli.now, (ledger) => ledger.explain(name));
      if (context.json) return context.printJson(found);
      context.print(...describe(found, context.paint));
    });
}

function describe(found: Explanation, paint: Paint): string[] {
  const { event, alert } = found;
  return [...describeEvent(event, paint), ...(alert ? describeAlert(alert, found, paint) : [])];
}

function describeEvent(event: EventRecord, paint: Paint): string[] {
  const { outcome, reason, detail, key, times, alert } = event;
  const why = [reason, detail].filter((part) => part !== null).map(formatValue);
  const of = outcome === "alert" || alert === null ? "" : ` of ${alert}`;
  return [
    `event ${event.id} from ${event.source}, received ${formatTime(event.received_at)}`,
    `  key      ${key === null ? "gone with the stream's bytes" : formatValue(key)}`,
    ...(times !== null && times > 1 ? [`  came     ${times} times`] : []),
    `  outcome  ${paint.bold(outcome)}${of}${why.length > 0 ? ` (${why.join(": ")})` : ""}`,
    ...nextStep(event),
  ];
}

function nextStep({ outcome, id }: EventRecord): string[] {
  if (outcome === "quarantined") return [`  see      tocsin quarantine show ${id}`];
  if (outcome === "in_flight")
    return ["  It is stored and waits to be decided; is the server running?"];
  return [];
}

function describeAlert(
  alert: NonNullable<Explanation["alert"]>,
  { event, steps, deliveries, counterfactual, actions, events }: Explanation,
  paint: Paint,
): string[] {
  const { number, title, severity, routing } = alert;
  const others = events.filter(({ id }) => id !== event.id);
  return [
    "",
    `${number}  ${paintSeverity(severity, paint)}  ${paint.bold(formatValue(title))}`,
    ...describeStanding(alert),
    ...describeSteps(steps),
    "",
    deliveries.length === 0 ? `No delivery: it is ${routing}.` : "Where it went:",
    ...deliveries.flatMap((delivery) => describeDelivery(delivery, paint, "  ")),
    ...section("What people did:", actions.map(describeAction)),
    ...section("What is to come, or would have come:", counterfactual),
    ...section(
      `${countOf(others.length, "other event")} of this alert:`,
      others.map(({ id, outcome, received_at }) => {
        return `${id}  ${outcome}, received ${formatTime(received_at)}`;
      }),
    ),
  ];
}

/** `2026-05-04 12:00:00Z  alice (slack U0123ABC)  closed as false_positive`. */
function describeAction({ at, who, kind, detail }: Explanation["actions"][number]): string {
  const { status, verdict, text } = detail;
  const done =
    kind === "alert.changed"
      ? `${formatValue(status)}${verdict === null ? "" : ` as ${formatValue(verdict)}`}`
      : formatValue(text ?? kind);
  return `${formatTime(at)}  ${formatValue(who)}  ${done}`;
}

/** What has become of it since it came, where there is anything to say. */
function describeStanding(alert: NonNullable<Explanation["alert"]>): string[] {
  const { status, count, case_id, follows } = alert;
  const parts = [
    status === "new" ? "" : status,
    count === 1 ? "" : `seen ${count} times`,
    case_id === null ? "" : `in ${case_id}`,
    follows === null ? "" : `follows ${follows}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? [] : [`  ${parts.join(", ")}`];
}

/** The event that opened the alert first, then the latest that changed it. */
function describeSteps(steps: readonly ExplainedStep[]): string[] {
  const lines = formatSteps(steps);
  const latest = steps.findIndex(({ stage }, index) => index > 0 && stage === "normalise");
  if (latest === -1) return section("How it was decided:", lines);
  // Of the events between, the steps are kept that sent the alert somewhere new.
  const routed = steps.findIndex(({ stage }) => stage === "route");
  const later = steps.findIndex(({ stage }, index) => index > routed && stage === "route");
  const between = later === -1 ? latest : Math.min(later, latest);
  return [
    ...section("How the event that opened it was decided:", lines.slice(0, between)),
    ...section("Where later events sent it:", lines.slice(between, latest)),
    ...section("How the latest event was decided:", lines.slice(latest)),
  ];
}

/** `route      routed  route_matched      taken by …`, aligned. */
function formatSteps(steps: readonly ExplainedStep[]): string[] {
  const width = (pick: (step: ExplainedStep) => string): number =>
    Math.max(0, ...steps.map((step) => pick(step).length));
  const [stages, outcomes, reasons] = [
    width(({ stage }) => stage),
    width(({ outcome }) => outcome),
    width(({ reason }) => reason),
  ];
  return steps.map(({ stage, outcome, reason, text }) =>
    [stage.padEnd(stages), outcome.padEnd(outcomes), reason.padEnd(reasons), text].join("  "),
  );
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${printable(line)}`)];
}
