/** What an invocation was asked: the global options, and how it answers. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import pc from "picocolors";
import { asMap, type PlainMap } from "../app/entry-checks.ts";
import { dataPaths, type DataPaths } from "../app/paths.ts";
import { parseConfigDocument } from "../config/document.ts";
import type { Cli } from "./io.ts";

export const DEFAULT_CONFIG = "tocsin.yaml";
const DEFAULT_DATA = "./data";

/** Colours; they do nothing where stdout is not a terminal. */
export type Paint = ReturnType<typeof pc.createColors>;

export interface Context {
  /** Answer with one JSON document instead of text. */
  readonly json: boolean;
  /** The configuration asked for by option or environment, as given; undefined: look for one. */
  readonly config: string | undefined;
  readonly data: DataPaths;
  readonly paint: Paint;
  /** Writes lines of text. */
  readonly print: (...lines: readonly string[]) => void;
  /** Writes a value as one indented JSON document. */
  printJson(value: unknown): void;
}

/** The context of a command that is being run. */
export function contextOf(command: Command, cli: Cli): Context {
  const options = command.optsWithGlobals<{ config?: string; data?: string; json?: boolean }>();
  const config = options.config ?? nonEmpty(cli.env["TOCSIN_CONFIG"]);
  const data = options.data ?? nonEmpty(cli.env["TOCSIN_DATA"]);
  return {
    json: options.json ?? false,
    config,
    data: dataPaths(data === undefined ? configuredData(config, cli.cwd) : resolve(cli.cwd, data)),
    paint: pc.createColors(cli.isTTY && nonEmpty(cli.env["NO_COLOR"]) === undefined),
    print: (...lines) => lines.forEach((line) => cli.stdout(`${line}\n`)),
    printJson: (value) => cli.stdout(`${JSON.stringify(value, null, 2)}\n`),
  };
}

/**
 * The data folder that the configuration names, relative to its file. Only this one setting is
 * read: the ledger stays open to somebody who does not have the secrets of the configuration.
 */
function configuredData(config: string | undefined, cwd: string): string {
  const { data } = readSettings(config, cwd);
  const file = resolve(cwd, config ?? DEFAULT_CONFIG);
  return typeof data === "string" ? resolve(dirname(file), data) : resolve(cwd, DEFAULT_DATA);
}

/** The settings of a configuration as they are written, unchecked; none where it cannot be read. */
export function readSettings(config: string | undefined, cwd: string): PlainMap {
  try {
    return asMap(
      parseConfigDocument(readFileSync(resolve(cwd, config ?? DEFAULT_CONFIG), "utf8")).value,
    );
  } catch {
    return {};
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
