/** `tocsin destination` */
import type { Command } from "commander";
import { testDestination } from "../app/destination-test.ts";
import type { Exchange, Verdict } from "../destinations/destination.ts";
import { declare, declareGroup } from "./command.ts";
import { loadConfiguration, pickNamed } from "./configuration.ts";
import { contextOf, type Paint } from "./context.ts";
import type { Cli } from "./io.ts";
import { formatTable } from "./table.ts";
import { formatValue, printableLines } from "./text.ts";

/** Adds `destination list` and `destination test`. */
export function addDestination(program: Command, cli: Cli): void {
  const group = declareGroup(program, "destination", "List destinations and try them.");
  declare(group, "list", "List the destinations of the configuration.", { 0: "listed" }).action(
    (_options: unknown, command: Command) => list(command, cli),
  );
  declare(group, "test", "Send a marked test message and print the request and the answer.", {
    0: "delivered",
    1: "not delivered",
  })
    .argument("<name>", "name of the destination in the configuration")
    .action((name: string, _options: unknown, command: Command) => test(name, command, cli));
}

function list(command: Command, cli: Cli): void {
  const context = contextOf(command, cli);
  const { destinations, routes, operators } = loadConfiguration(context, cli);
  const items = [...destinations.values()].map(({ name, kind, definition }) => ({
    name,
    kind,
    summary: definition.summary,
    repeat: definition.repeat,
    routes: [...routes, ...(operators ? [operators] : [])]
      .filter(({ to }) => to.includes(name))
      .map((route) => route.name),
  }));
  if (context.json) return context.printJson({ items });
  const rows = items.map(({ name, kind, routes: names, summary }) => [
    name,
    kind,
    names.join(", ") || "-",
    summary,
  ]);
  context.print(...formatTable(["NAME", "KIND", "ROUTES", "SUMMARY"], rows, cli.columns));
}

async function test(name: string, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const configuration = loadConfiguration(context, cli);
  const configured = pickNamed(configuration.destinations, name, "destination");
  const { verdict, exchanges, printed } = await testDestination(
    configured,
    configuration,
    cli.now(),
  );
  cli.exit(verdict.kind === "delivered" ? 0 : 1);
  if (context.json) return context.printJson({ destination: name, verdict, exchanges, printed });
  context.print(
    ...exchanges.flatMap((exchange) => describeExchange(exchange, context.paint)),
    ...printed.flatMap(printableLines),
    describeVerdict(name, verdict, context.paint),
  );
}

function describeExchange({ request, answer }: Exchange, paint: Paint): string[] {
  const quote = (mark: string, text: string) =>
    printableLines(text.trimEnd()).map((line) => `${paint.dim(mark)} ${line}`.trimEnd());
  return [...quote(">", request), ...quote("<", answer), ""];
}

function describeVerdict(name: string, verdict: Verdict, paint: Paint): string {
  if (verdict.kind === "delivered") return `${paint.green("delivered")} to ${name}`;
  const next = verdict.kind === "retry" ? "it would be tried again" : "it would be given up";
  const why = `${verdict.reason}: ${formatValue(verdict.error)}`;
  return `${paint.red("not delivered")} to ${name} (${next}): ${why}`;
}
