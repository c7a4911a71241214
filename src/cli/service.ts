/** `tocsin service` */
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { configurationError, type Configuration } from "../app/configuration.ts";
import { fail, messageOf, type TocsinError } from "../errors.ts";
import { parseEnvFile } from "../service/env-file.ts";
import {
  installService,
  readIfThere,
  startService,
  uninstallService,
  UNIT_FOLDER,
} from "../service/install.ts";
import {
  checkService,
  planService,
  type PlannedService,
  type ServiceWish,
} from "../service/plan.ts";
import { declare, declareGroup } from "./command.ts";
import { examineConfiguration } from "./configuration.ts";
import { contextOf, DEFAULT_CONFIG, type Context } from "./context.ts";
import type { Cli } from "./io.ts";
import { packageRoot } from "./package.ts";

/** After so long, what cannot run has ended: no port, no file, no right. */
const SETTLE_MS = 3000;

interface NameOptions {
  readonly name: string;
  readonly units: string;
}

interface InstallOptions extends NameOptions {
  readonly user?: string;
  readonly envFile?: string;
  readonly print?: boolean;
  readonly start: boolean;
}

/** Adds `service install` and `service uninstall`. */
export function addService(program: Command, cli: Cli): void {
  const group = declareGroup(program, "service", "Run Tocsin as a service of systemd.");
  addNames(
    declare(group, "install", "Write a hardened unit, start it now and at every boot.", {
      0: "installed and running, or printed",
      1: "there is a service of this name that Tocsin did not write",
      2: "it does not run, the configuration has errors, or it cannot be installed; run it as root",
    }),
  )
    .option("--user <user>", "a user of yours to run as; else one made up for the service")
    .option(
      "--env-file <file>",
      "NAME=value lines for ${env:NAME}; else NAME.env beside the configuration",
    )
    .option("--print", "print the unit and change nothing")
    .option("--no-start", "do not start it now")
    .action((options: InstallOptions, command: Command) => install(options, command, cli));
  addNames(
    declare(group, "uninstall", "Stop the service and remove its unit; its data stays.", {
      0: "removed",
      1: "there is no such service",
    }),
  ).action((options: NameOptions, command: Command) => uninstall(options, command, cli));
}

function addNames(command: Command): Command {
  return command
    .option("--name <name>", "name of the service", "tocsin")
    .option("--units <folder>", "where systemd looks for units", UNIT_FOLDER);
}

async function install(options: InstallOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const { name, units, start, print } = options;
  const config = resolve(cli.cwd, context.config ?? DEFAULT_CONFIG);
  const envFile = resolve(cli.cwd, options.envFile ?? join(config, "..", `${name}.env`));
  const configuration = loadFor(config, envFile, context, cli);
  const wish: ServiceWish = {
    name,
    user: options.user ?? null,
    envFile,
    config,
    data: askedData(command, cli),
    node: process.execPath,
    program: join(packageRoot(), "bin", "tocsin.mjs"),
  };
  const planned = planService(wish, configuration);
  if (print) return printUnit(wish, configuration, planned, context, cli);
  checkService(wish, configuration, planned);
  const file = await installService(name, planned, { units, run: cli.runProgram });
  if (start) await startService(name, cli.runProgram, () => cli.wait(SETTLE_MS, cli.stdoutClosed));
  if (context.json) return context.printJson({ file, data: planned.data, started: start });
  context.print(
    `wrote ${file}`,
    `${start ? "started" : "enabled"} ${name}.service; its data is in ${planned.data}`,
    `Its log: journalctl -u ${name} -f`,
    `Commands about its alerts take --data ${planned.data}`,
  );
}

/** As the service will read it: with the variables of its file, and none of this shell. */
function loadFor(file: string, envFile: string, context: Context, cli: Cli): Configuration {
  const given = parseEnvFile(readIfThere(envFile));
  const examine = (env: Cli["env"]) =>
    examineConfiguration({ ...context, config: file }, { ...cli, env });
  const read = examine(given);
  if (read.ok) return read.configuration;
  throw examine({ ...cli.env, ...given }).ok
    ? notInFile(
        read.problems.map(({ message }) => message),
        envFile,
      )
    : configurationError(read.problems);
}

function notInFile(messages: readonly string[], envFile: string): TocsinError {
  return fail("REQUEST_INVALID", {
    component: "service",
    message: `the service does not have the variables of this shell: ${messages.join("; ")}`,
    hint: `Write them to ${envFile}, one NAME=value in each line, and make it root's: chmod 600`,
  });
}

function askedData(command: Command, cli: Cli): string | null {
  const asked = command.optsWithGlobals<{ data?: string }>().data ?? cli.env["TOCSIN_DATA"];
  return asked ? resolve(cli.cwd, asked) : null;
}

/** The unit may be for another machine: what stands against it here is only said. */
function printUnit(
  wish: ServiceWish,
  configuration: Configuration,
  planned: PlannedService,
  context: Context,
  cli: Cli,
): void {
  try {
    checkService(wish, configuration, planned);
  } catch (error) {
    cli.stderr(`tocsin: service: it would not be installed here: ${messageOf(error)}\n`);
  }
  if (context.json) context.printJson({ unit: planned.text });
  else context.print(planned.text.trimEnd());
}

async function uninstall(options: NameOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const file = await uninstallService(options.name, { units: options.units, run: cli.runProgram });
  if (context.json) return context.printJson({ file });
  context.print(`removed ${file}`, "Its data is still there.");
}
