/** `tocsin doctor destination` */
import type { Command } from "commander";
import type { Finding } from "../destinations/destination.ts";
import { inspectDestination } from "../doctor/destination.ts";
import { declare } from "./command.ts";
import { loadConfiguration, pickNamed } from "./configuration.ts";
import { contextOf, type Paint } from "./context.ts";
import type { Cli } from "./io.ts";
import { countOf, formatValue } from "./text.ts";

interface Options {
  readonly install?: boolean;
}

/** Adds `doctor destination`, which looks whether a peer has what a destination needs of it. */
export function addDoctorDestination(group: Command, cli: Cli): void {
  declare(group, "destination", "Look whether a peer has what a destination needs of it.", {
    0: "nothing is missing",
    1: "something is missing or wrong; each is printed with what to do",
  })
    .argument("<name>", "name of the destination in the configuration")
    .option("--install", "put there what is missing, such as an index template")
    .action((name: string, options: Options, command: Command) =>
      inspect(name, options, command, cli),
    );
}

async function inspect(name: string, options: Options, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const configuration = loadConfiguration(context, cli);
  const configured = pickNamed(configuration.destinations, name, "destination");
  const { install = false } = options;
  const findings = await inspectDestination(configured, configuration, { install, now: cli.now });
  const lacking = (findings ?? []).filter(isLacking);
  cli.exit(lacking.length === 0 ? 0 : 1);
  if (context.json)
    return context.printJson({ destination: name, ok: lacking.length === 0, findings });
  context.print(context.paint.bold(`destination ${name}`));
  if (!findings)
    return context.print(`  the kind ${configured.kind} needs nothing to be installed`);
  context.print(...findings.flatMap((finding) => describe(finding, context.paint)), "");
  context.print(sumUp(findings, lacking.length));
}

function sumUp(findings: readonly Finding[], lacking: number): string {
  if (lacking > 0) return countOf(lacking, "problem");
  const isSure = findings.every(({ state }) => state !== "unknown");
  return isSure ? "all is well" : "nothing is missing, as far as could be seen";
}

function isLacking({ state }: Finding): boolean {
  return state === "missing" || state === "wrong";
}

function describe({ subject, state, detail, hint }: Finding, paint: Paint): string[] {
  const line = `  ${paintState(state, paint)}  ${formatValue(subject)}: ${formatValue(detail)}`;
  const isDone = state === "fine" || state === "installed";
  return hint === undefined || isDone ? [line] : [line, `    hint: ${formatValue(hint)}`];
}

function paintState(state: Finding["state"], paint: Paint): string {
  const { green, yellow, red } = paint;
  const paints = { fine: green, installed: green, missing: red, wrong: red, unknown: yellow };
  return paints[state](state.padEnd("installed".length));
}
