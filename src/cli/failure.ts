/** How a command says that it failed. */
import { CommanderError } from "commander";
import { toLine } from "../alert/text.ts";
import { formatProblem, type Problem } from "../config/problem.ts";
import { fail, messageOf, TocsinError } from "../errors.ts";
import type { Cli } from "./io.ts";
import { countOf } from "./text.ts";

/** Writes the error to stderr, as two lines or as JSON; answers the exit code. */
export function reportFailure(error: TocsinError, json: boolean, cli: Pick<Cli, "stderr">): number {
  const problems = (error.data?.["problems"] ?? []) as readonly Problem[];
  const [first] = problems;
  if (first && !json) return reportProblems(first.file, problems, error, cli);
  const { code, component, message, hint } = error;
  if (json) {
    cli.stderr(`${JSON.stringify({ error: { code, component, message, hint: hint ?? null } })}\n`);
    return error.exit;
  }
  cli.stderr(`tocsin: ${component}: ${toLine(message)}\n`);
  if (hint !== undefined) cli.stderr(`  hint: ${toLine(hint)}\n`);
  return error.exit;
}

/** A configuration that cannot be used: every problem on a line of its own, then the error. */
function reportProblems(
  file: string,
  problems: readonly Problem[],
  { component, exit, hint = "mend them, then: tocsin check" }: TocsinError,
  cli: Pick<Cli, "stderr">,
): number {
  for (const problem of problems) cli.stderr(`${formatProblem(problem)}\n`);
  cli.stderr(`tocsin: ${component}: ${file} has ${countOf(problems.length, "error")}\n`);
  cli.stderr(`  hint: ${hint}\n`);
  return exit;
}

/** Anything thrown, as an error of the catalogue. */
export function toTocsinError(error: unknown): TocsinError {
  if (error instanceof TocsinError) return error;
  if (error instanceof CommanderError) return usageError(error);
  if (isStorageError(error)) {
    return fail("STORAGE_FAILED", {
      component: "data",
      message: messageOf(error),
      hint: "Check the free space and the owner of the data folder.",
      cause: error,
    });
  }
  return fail("INTERNAL", {
    component: "tocsin",
    message: messageOf(error),
    hint: "This is a bug in Tocsin; please report it with the command that caused it.",
    cause: error,
  });
}

/** Commander's `error: unknown option '--jsn'\n(Did you mean --json?)` as message and hint. */
function usageError(error: CommanderError): TocsinError {
  const text = error.message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    .replace(/\.$/, "");
  const near = /^(.+?)\.? \(Did you mean (?:one of )?(.+?)\?\)$/.exec(text);
  if (near) return usage(near[1] ?? text, `did you mean ${near[2]}?`);
  // What an option's parser or its choices have to say comes behind the first sentence.
  const invalid = /^(.+? is invalid(?: for argument '.+?')?)\. (.+)$/.exec(text);
  if (invalid) return usage(invalid[1] ?? text, invalid[2] ?? "");
  return usage(text, "tocsin --help lists what there is");
}

/** An error for wrong usage that the option parser cannot see. */
export function usage(message: string, hint: string): TocsinError {
  return fail("USAGE", { component: "cli", message, hint });
}

function isStorageError(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(ERR_SQLITE|SQLITE_|EACCES|ENOSPC|EROFS|EPERM)/.test(code);
}
