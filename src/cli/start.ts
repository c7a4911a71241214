/** `tocsin start` */
import type { Command } from "commander";
import type { Program } from "../app/program.ts";
import { configurationError, type Configuration } from "../app/configuration.ts";
import { formatProblem } from "../config/problem.ts";
import { declare, INTERRUPTED } from "./command.ts";
import { examineConfiguration, type WholeConfiguration } from "./configuration.ts";
import { contextOf, type Context } from "./context.ts";
import type { Cli } from "./io.ts";

/** Adds `start`, which runs the server until it is told to stop. */
export function addStart(program: Command, cli: Cli): void {
  declare(
    program,
    "start",
    "Run the server until Ctrl-C or SIGTERM; what is in flight is finished.",
    {
      0: "stopped in order",
      2: "could not start: configuration, data folder in use or written by a newer version, address in use",
      130: "ended at once by a second Ctrl-C (143 by a second SIGTERM)",
    },
  ).action((_options: unknown, command: Command) => start(command, cli));
}

async function start(command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const read = examineConfiguration(context, cli);
  if (!read.ok) throw configurationError(read.problems);
  for (const warning of read.problems) cli.stderr(`${formatProblem(warning)}\n`);
  const isLogged = cli.env["JOURNAL_STREAM"] !== undefined;
  await runProgram(read, cli, {
    begun: (running) => announce(running, read.configuration, { context, isLogged }),
  });
}

/** What a command does with the program that it runs. */
export interface Run {
  begun(running: Program): void;
  /** Ends the run when it resolves; without it only a signal does. */
  finished?(running: Program): Promise<void>;
}

/**
 * Runs the program until a signal asks it to stop, or what it runs for is done; then stops it in
 * order. Throws as `startProgram` does, and what kept the program from going on.
 */
export async function runProgram(
  { configuration, text }: Pick<WholeConfiguration, "configuration" | "text">,
  cli: Cli,
  { begun, finished }: Run,
): Promise<void> {
  const asked = askedToStop(cli);
  // Loaded here: no other command has to wait for the HTTP server's code.
  const { startProgram } = await import("../app/program.ts");
  try {
    const log = logOptions(configuration, cli);
    const running = await startProgram({ configuration, text, cwd: cli.cwd, log });
    begun(running);
    const done = finished ? [finished(running)] : [];
    const failure = await Promise.race([asked.first, running.failed, ...done]);
    // What cannot work any more cannot drain either; the next start goes on where it stood.
    if (failure) throw failure;
    await running.stop();
  } finally {
    asked.forget();
  }
}

function logOptions({ log }: Configuration, cli: Cli) {
  const auto = cli.stderrIsTTY ? "text" : "json";
  return { level: log.level, format: log.format === "auto" ? auto : log.format } as const;
}

/** `first` resolves when a stop is asked for; a second time ends the process at once. */
function askedToStop(cli: Cli): { readonly first: Promise<void>; forget(): void } {
  let forget = () => {};
  const first = new Promise<void>((resolve) => {
    let before = false;
    forget = cli.onStop((signal) => {
      if (before) return cli.abandon(INTERRUPTED[signal]);
      before = true;
      cli.stderr("stopping; once more ends it at once\n");
      resolve();
    });
  });
  return { first, forget };
}

function announce(
  running: Program,
  configuration: Configuration,
  { context, isLogged }: { readonly context: Context; readonly isLogged: boolean },
): void {
  const { address, firstKeys: keys } = running;
  // systemd sets it: what is printed is kept, and read by many.
  if (isLogged && keys) {
    context.print("the first keys are not shown in a log; make your own: tocsin key create --help");
    return context.print(`listening on ${address}`);
  }
  if (context.json) {
    // One line each: whoever reads them reads a stream.
    const first = keys && { ingest: keys.ingest.key, admin: keys.admin.key };
    const lines = [...(first ? [{ keys: first }] : []), { listening: address }];
    return context.print(...lines.map((line) => JSON.stringify(line)));
  }
  if (keys) context.print(...welcome(address, keys, configuration));
  context.print(`listening on ${address}`);
}

/** What somebody needs who starts Tocsin for the first time. The keys are shown this once. */
function welcome(
  address: string,
  keys: NonNullable<Program["firstKeys"]>,
  { sources }: Configuration,
): string[] {
  const generic = [...sources.values()].find(({ kind, listen }) => kind === "generic" && !listen);
  return [
    "This is the first start on this data folder. Two keys were made; they are shown this once:",
    "",
    `  ingest key  ${keys.ingest.key}`,
    `  admin key   ${keys.admin.key}`,
    "",
    ...(generic
      ? ["Send a first alert:", "", curlLine(address, generic.name, keys.ingest.key), ""]
      : []),
  ];
}

function curlLine(address: string, source: string, key: string): string {
  const body = { title: "Hello from Tocsin", severity: "high", host: { name: "web-01" } };
  return (
    `curl -sS ${address}/v1/ingest/${source} -H 'Authorization: Bearer ${key}' ` +
    `-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`
  );
}
