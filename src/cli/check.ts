/** `tocsin check` */
import type { Command } from "commander";
import type { Configuration } from "../app/configuration.ts";
import { formatProblem, type Problem } from "../config/problem.ts";
import { declare } from "./command.ts";
import { examineConfiguration } from "./configuration.ts";
import { contextOf } from "./context.ts";
import type { Cli } from "./io.ts";
import { countOf } from "./text.ts";

/** Adds `check`, which tells everything that is wrong with the configuration at once. */
export function addCheck(program: Command, cli: Cli): void {
  declare(program, "check", "Check the configuration and report every problem at once.", {
    0: "no errors (there may be warnings)",
    1: "errors; each is printed as file:line:column message — hint",
  }).action((_options: unknown, command: Command) => {
    const context = contextOf(command, cli);
    const result = examineConfiguration(context, cli);
    cli.exit(result.ok ? 0 : 1);
    if (context.json) return context.printJson({ ok: result.ok, problems: result.problems });
    const lines = describeProblems(result.problems);
    context.print(...lines, ...(result.ok ? [describe(result.configuration)] : []));
  });
}

/** Errors, then warnings, then how many there are. */
function describeProblems(problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  const errors = problems.filter(({ level }) => level === "error");
  const warnings = problems.filter(({ level }) => level === "warning");
  const counts = `${countOf(errors.length, "error")}, ${countOf(warnings.length, "warning")}`;
  return [...errors.map(formatProblem), ...warnings.map(formatProblem), counts];
}

function describe({ file, sources, destinations, routes }: Configuration): string {
  const counts = [
    countOf(sources.size, "source"),
    countOf(destinations.size, "destination"),
    countOf(routes.length, "route"),
  ];
  return `ok: ${file ?? "defaults, there is no configuration file"} (${counts.join(", ")})`;
}
