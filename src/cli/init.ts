/** `tocsin init` */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { suggest } from "../config/nearest.ts";
import { PRESETS } from "../config/presets/index.ts";
import { starterConfiguration } from "../config/starter.ts";
import { fail, messageOf } from "../errors.ts";
import { sentTo } from "../sources/index.ts";
import { declare } from "./command.ts";
import { contextOf, DEFAULT_CONFIG } from "./context.ts";
import { usage } from "./failure.ts";
import type { Cli } from "./io.ts";

interface InitOptions {
  readonly preset?: string;
  readonly force?: boolean;
}

/** Adds `init`, which writes a configuration to begin with. */
export function addInit(program: Command, cli: Cli): void {
  declare(program, "init", "Write a commented configuration to begin with.", {
    0: "written",
    1: "the file is there already",
  })
    .option("--preset <name>", "one that is made for a purpose; see below")
    .option("--force", "overwrite the file if it is there")
    .addHelpText("after", presetsText())
    .action((options: InitOptions, command: Command) => {
      const context = contextOf(command, cli);
      const file = resolve(cli.cwd, context.config ?? DEFAULT_CONFIG);
      write(file, textOf(options), options.force ?? false);
      if (context.json) context.printJson({ file });
      else context.print(`wrote ${file}`, "Edit it, then: tocsin check && tocsin start");
    });
}

function presetsText(): string {
  const lines = PRESETS.map(({ name, summary }) => `  ${name}  ${summary}`);
  return `\nPresets:\n${lines.join("\n")}`;
}

function textOf({ preset: name }: InitOptions): string {
  if (name === undefined) return starterConfiguration(sentTo);
  const preset = PRESETS.find((each) => each.name === name);
  if (preset) return preset.text;
  const names = PRESETS.map((each) => each.name);
  throw usage(`there is no preset ${name}`, suggest(name, names, "presets"));
}

function write(file: string, text: string, force: boolean): void {
  try {
    // With "wx" the file system itself refuses to overwrite.
    writeFileSync(file, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    throw writeError(file, error);
  }
}

function writeError(file: string, error: unknown): Error {
  const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
  if (exists) {
    return fail("CONFLICT", {
      component: "init",
      message: `${file} is there already`,
      hint: "overwrite it with --force, or write another with --config FILE",
    });
  }
  return fail("STORAGE_FAILED", {
    component: "init",
    message: `cannot write ${file}: ${messageOf(error)}`,
    hint: "choose a folder that exists and that you may write to",
    cause: error,
  });
}
