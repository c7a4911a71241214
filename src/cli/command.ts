/** How a command is declared. */
import { InvalidArgumentError, type Command } from "commander";
import { suggest } from "../config/nearest.ts";
import { readDuration } from "../config/values.ts";
import { usage } from "./failure.ts";

/** Exit codes of a command and what they say. */
export type ExitCodes = Readonly<Record<number, string>>;

/** Exit codes of what a signal ended at once, as shells have them: 128 and its number. */
export const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;

const COMMON_EXITS: ExitCodes = {
  2: "could not run: configuration, data folder or network",
  64: "wrong usage",
};

/** Adds a command whose help ends with its exit codes; those that all commands have are added. */
export function declare(parent: Command, spec: string, summary: string, exits: ExitCodes): Command {
  return parent.command(spec).description(summary).addHelpText("after", exitCodesText(exits));
}

function exitCodesText(exits: ExitCodes): string {
  const lines = Object.entries({ ...COMMON_EXITS, ...exits }).map(
    ([code, meaning]) => `  ${code.padEnd(3)} ${meaning}`,
  );
  return `\nExit codes:\n${lines.join("\n")}`;
}

/** Adds a command that only holds others; without one of them it shows its help. */
export function declareGroup(parent: Command, name: string, summary: string): Command {
  return parent.command(name).description(summary);
}

/** Adds the command `list` to a group, which also runs when the group is called without a command. */
export function declareList(group: Command, summary: string): Command {
  const list = group.command("list", { isDefault: true }).description(summary);
  group.addHelpText(
    "after",
    `\nWithout a command it lists; see tocsin ${group.name()} list --help`,
  );
  // Commander hands an unknown command to the default one, as an argument.
  return list
    .allowExcessArguments()
    .hook("preAction", () => refuseArguments(group, list.args))
    .addHelpText("after", exitCodesText({ 0: "listed" }));
}

function refuseArguments(group: Command, [unknown]: readonly string[]): void {
  if (unknown === undefined) return;
  const names = group.commands.map((command) => command.name());
  throw usage(
    `unknown command '${unknown}'`,
    suggest(unknown, names, `commands of ${group.name()}`),
  );
}

/** Option parser: a positive whole number. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("Write a whole number above 0.");
}

/** Option parser: a duration such as `10m`, in milliseconds. */
export function durationOption(text: string): number {
  const milliseconds = readDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new InvalidArgumentError("Write it like 30s, 10m, 24h, 3d.");
}

/**
 * Option parser: a point in time, written as a duration before now or as RFC 3339; epoch
 * milliseconds.
 */
export function timeOption(cli: { now(): number }): (text: string) => number {
  return (text) => {
    const ago = readDuration(text);
    const time = ago === undefined ? readTime(text) : cli.now() - ago;
    if (!Number.isNaN(time)) return time;
    throw new InvalidArgumentError("Write it like 10m, 24h, 3d (ago) or 2026-03-01T10:00:00Z.");
  };
}

/** Without a zone a time is UTC, as all times that are printed. */
function readTime(text: string): number {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return Number.NaN;
  const isZoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) || !/[T ]/.test(text);
  return Date.parse(isZoned ? text : `${text}Z`);
}

/** Option parser: may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
