/** `tocsin case` commands that move alerts between cases. */
import type { Command } from "commander";
import { applyChange } from "../app/changes/change.ts";
import { CASE_ARGUMENT, CHANGE_EXITS, describeChanged } from "./case-changes.ts";
import { declare } from "./command.ts";
import { contextOf } from "./context.ts";
import { changeStore } from "./data.ts";
import type { Cli } from "./io.ts";
import { countOf } from "./text.ts";
import { addWho, byOf, type WhoOptions } from "./who.ts";

interface SplitOptions extends WhoOptions {
  readonly title?: string;
}

/** Adds `merge` and `split` to the group `case`. */
export function addCaseMoves(group: Command, cli: Cli): void {
  addWho(
    declare(
      group,
      "merge",
      "Merge cases: the first takes over, the others are closed.",
      CHANGE_EXITS,
    ),
  )
    .argument("<into>", "number of the case that takes over (CASE-000012 or 12)")
    .argument("<from...>", "numbers of the others")
    .action((into: string, from: string[], options: WhoOptions, command: Command) =>
      merge(into, from, options, command, cli),
    );
  addWho(declare(group, "split", "Move alerts of a case into a new one.", CHANGE_EXITS))
    .argument(...CASE_ARGUMENT)
    .argument("<alert...>", "numbers (ALR-000123) or ids; not all of the case's")
    .option("--title <title>", "of the new case (default: that of its oldest alert)")
    .action((name: string, alerts: string[], options: SplitOptions, command: Command) =>
      split(name, alerts, options, command, cli),
    );
}

function merge(into: string, from: string[], options: WhoOptions, command: Command, cli: Cli) {
  const context = contextOf(command, cli);
  const merged = changeStore(context.data, (database) =>
    applyChange(database, "case.merge", { into, from }, byOf(options, cli)),
  );
  if (context.json) return context.printJson(merged);
  context.print(`${describeChanged(merged)}`, `  has ${countOf(merged.alert_count, "alert")} now`);
}

function split(
  name: string,
  alerts: string[],
  { title, ...who }: SplitOptions,
  command: Command,
  cli: Cli,
) {
  const context = contextOf(command, cli);
  const divided = changeStore(context.data, (database) =>
    applyChange(database, "case.split", { case: name, alerts, title }, byOf(who, cli)),
  );
  if (context.json) return context.printJson(divided);
  const { case: known, created } = divided;
  context.print(
    describeChanged(created),
    `  has ${countOf(created.alert_count, "alert")}; ${known.id} keeps ${known.alert_count}`,
  );
}
