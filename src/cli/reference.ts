/** The reference page of the CLI, made from what `--help` prints. */
import type { Command } from "commander";
import type { Cli } from "./io.ts";
import { createProgram } from "./program.ts";

const HEAD = `# Command line

This page is generated from the help of the commands.

Results go to standard output. An error is one line on standard error,
\`tocsin: <component>: <message>\`, and a line \`hint:\` with what to do; with \`--json\` it is
\`{"error":{"code","component","message","hint"}}\`. Commands that need only the data work whether the
server runs or not.
`;

/** Every command with its usage, options and exit codes, as Markdown. */
export function cliReference(): string {
  let help = "";
  const program = createProgram(readerOf((text) => void (help += String(text))));
  const sections = listCommands(program).map((command) => {
    help = "";
    command.outputHelp();
    return `## ${pathOf(command)}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`;
  });
  return [HEAD, ...sections].join("\n");
}

/** The program and all under it, without the `help` commands. */
function listCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(listCommands)];
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** Help needs somewhere to be written to and nothing else; no action runs. */
function readerOf(stdout: Cli["stdout"]): Cli {
  return {
    stdout,
    stderr: () => {},
    env: {},
    cwd: "/",
    isTTY: false,
    stderrIsTTY: false,
    columns: 100,
    now: () => 0,
    readStdin: async () => new Uint8Array(),
    wait: async () => {},
    onStop: () => () => {},
    runProgram: async () => ({ code: 1, output: "" }),
    stdoutClosed: new AbortController().signal,
    abandon: () => {},
    exit: () => {},
  };
}
