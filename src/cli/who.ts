/** Who makes a change: whoever runs the command, or whom they name. */
import { userInfo } from "node:os";
import type { Command } from "commander";
import type { By } from "../app/changes/by.ts";
import type { Cli } from "./io.ts";

/** The option of commands that change something by hand. */
export interface WhoOptions {
  readonly as?: string;
}

/** Adds `--as` to a command. */
export function addWho(command: Command): Command {
  return command.option("--as <name>", "who does it (default: the user that runs this)");
}

/** Who does it, now. */
export function byOf({ as }: WhoOptions, cli: Cli): By {
  const name = as?.trim();
  return { who: name ? name : userName(), now: cli.now() };
}

/** Some users of containers have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
