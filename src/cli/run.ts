/** From arguments to an exit code. */
import { CommanderError } from "commander";
import { reportFailure, toTocsinError } from "./failure.ts";
import type { Cli, Io } from "./io.ts";
import { createProgram } from "./program.ts";

const USAGE = 64;

/**
 * Runs a command; `argv` is what stands behind the program's name. Never throws: what fails is
 * told on stderr. Answers the exit code.
 */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const cli: Cli = { ...io, exit: (code) => void (exitCode = code) };
  const program = createProgram(cli);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (hasShownHelp(error)) return error.exitCode === 0 ? 0 : USAGE;
    // Commander knows of --json only once it has read that far.
    const json = argv.includes("--json");
    return reportFailure(toTocsinError(error), json, cli);
  }
}

function hasShownHelp(error: unknown): error is CommanderError {
  const shown = ["commander.help", "commander.helpDisplayed", "commander.version"];
  return error instanceof CommanderError && shown.includes(error.code);
}
