/** `tocsin render` */
import { Option, type Command } from "commander";
import { renderMessage, type RenderAsked } from "../app/render.ts";
import type { Shown } from "../destinations/destination.ts";
import { TELLING_KINDS } from "../pipeline/outcome.ts";
import { declare } from "./command.ts";
import { loadConfiguration, pickNamed } from "./configuration.ts";
import { contextOf, type Paint } from "./context.ts";
import { withLedger } from "./data.ts";
import type { Cli } from "./io.ts";
import { printableLines } from "./text.ts";

interface RenderOptions extends RenderAsked {
  readonly destination: string;
}

/** Adds `render`, which shows what a destination would be sent. */
export function addRender(program: Command, cli: Cli): void {
  declare(program, "render", "Show exactly what a destination would be sent about an alert.", {
    0: "rendered; nothing was sent",
    1: "there is no such alert or destination, or its template cannot be rendered",
  })
    .requiredOption("--destination <name>", "name of the destination in the configuration")
    .requiredOption("--alert <alert>", "number (ALR-000123) or id of an alert")
    .addOption(
      new Option("--kind <kind>", "what the message is for")
        .choices(TELLING_KINDS)
        .default("alert"),
    )
    .action((options: RenderOptions, command: Command) => render(options, command, cli));
}

async function render(options: RenderOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const configuration = loadConfiguration(context, cli);
  const configured = pickNamed(configuration.destinations, options.destination, "destination");
  const shown = await withLedger(context.data, cli.now, (ledger) =>
    renderMessage(configured, options, { configuration, ledger, now: cli.now }),
  );
  if (context.json) return context.printJson({ destination: configured.name, ...shown });
  context.print(...describe(configured.name, configured.kind, shown, context.paint));
}

function describe(name: string, kind: string, { type, text }: Shown, paint: Paint): string[] {
  return [paint.dim(`${name} (${kind}), ${type}`), "", ...printableLines(readable(type, text))];
}

/** JSON in one line is for programs. */
function readable(type: string, text: string): string {
  if (!/[/+]json\b/.test(type)) return text.trimEnd();
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text.trimEnd();
  }
}
