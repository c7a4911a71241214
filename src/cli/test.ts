/** `tocsin test` */
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import type { Configuration } from "../app/configuration.ts";
import { configuredSilences } from "../app/silences.ts";
import { formatProblem, type Problem } from "../config/problem.ts";
import { fail } from "../errors.ts";
import { toJunit, type FileResults } from "../rehearsal/junit.ts";
import { readScenarioFile } from "../rehearsal/scenario-file.ts";
import { runScenario, type ScenarioResult } from "../rehearsal/scenario.ts";
import { declare } from "./command.ts";
import { loadConfiguration } from "./configuration.ts";
import { contextOf, type Paint } from "./context.ts";
import type { Cli } from "./io.ts";
import { countOf, formatDuration, printable } from "./text.ts";

const SUFFIX = ".test.yaml";

/** Adds `test`, which runs the timeline tests that people keep beside their configuration. */
export function addTest(program: Command, cli: Cli): void {
  declare(
    program,
    "test",
    "Run timeline tests: what is given at a time, and what must be sent at which time.",
    { 0: "all passed", 1: "a test failed" },
  )
    .argument("[files...]", `files of tests; default: *${SUFFIX} beside the configuration`)
    .option("--junit <file>", "also write the results there as JUnit XML")
    .action(async (files: readonly string[], options: { junit?: string }, command: Command) => {
      const context = contextOf(command, cli);
      const configuration = loadConfiguration(context, cli);
      const paths = files.length > 0 ? files : findFiles(configuration, cli.cwd);
      const results = await runFiles(paths, configuration, cli);
      if (options.junit !== undefined) {
        writeFileSync(resolve(cli.cwd, options.junit), toJunit(results));
      }
      const all = results.flatMap((file) => file.results);
      const isPassed = all.every(({ passed }) => passed);
      cli.exit(isPassed ? 0 : 1);
      if (context.json) return context.printJson({ passed: isPassed, files: results });
      context.print(...results.flatMap((file) => describeFile(file, context.paint)));
      context.print(summaryOf(all, context.paint));
    });
}

function findFiles({ file, directory }: Configuration, cwd: string): string[] {
  const folder = file === null ? directory : dirname(file);
  const found = readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .toSorted()
    .map((name) => relative(cwd, join(folder, name)));
  if (found.length > 0) return found;
  throw fail("CONFIG_NOT_FOUND", {
    component: "test",
    message: `there is no *${SUFFIX} in ${folder}`,
    hint: "keep tests beside the configuration, or name the files",
  });
}

async function runFiles(
  paths: readonly string[],
  configuration: Configuration,
  cli: Cli,
): Promise<FileResults[]> {
  const files = paths.map((path) => readScenarioFile(resolve(cli.cwd, path), path));
  const problems = files.flatMap((file) => (file.ok ? [] : file.problems));
  if (problems.length > 0) throw brokenFiles(problems);
  const silences = configuredSilences(configuration);
  const results: FileResults[] = [];
  for (const file of files) {
    const own: ScenarioResult[] = [];
    for (const scenario of file.ok ? file.tests : []) {
      own.push(await runScenario(scenario, configuration, silences));
    }
    results.push({ file: file.file, results: own });
  }
  return results;
}

function brokenFiles(problems: readonly Problem[]): Error {
  return fail("CONFIG_INVALID", {
    component: "test",
    message: problems.map(formatProblem).join("\n"),
    hint: "mend them, then: tocsin test",
    data: { problems },
  });
}

function describeFile({ file, results }: FileResults, paint: Paint): string[] {
  return [
    file,
    ...results.flatMap(({ name, passed, error, differences, duration }) => [
      `  ${passed ? paint.green("passed") : paint.red("FAILED")}  ${printable(name)} (${formatDuration(duration)})`,
      ...(error === null ? [] : [`          ${printable(error)}`]),
      ...differences.map(({ kind, text }) => `          ${kind.padEnd(10)} ${printable(text)}`),
    ]),
  ];
}

function summaryOf(results: readonly ScenarioResult[], paint: Paint): string {
  const failed = results.filter(({ passed }) => !passed).length;
  if (failed === 0) return paint.green(`${countOf(results.length, "test")} passed`);
  return paint.red(`${failed} of ${countOf(results.length, "test")} failed`);
}
