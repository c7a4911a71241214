/** `tocsin alert` */
import { Option, type Command } from "commander";
import { VERDICTS, type Alert } from "../alert/schema.ts";
import type { AlertsAsked } from "../app/changes/alerts.ts";
import { applyChange } from "../app/changes/change.ts";
import { declare, declareGroup } from "./command.ts";
import { contextOf } from "./context.ts";
import { changeStore } from "./data.ts";
import type { Cli } from "./io.ts";
import { formatValue } from "./text.ts";
import { addWho, byOf, type WhoOptions } from "./who.ts";

interface AlertOptions extends WhoOptions {
  readonly verdict?: (typeof VERDICTS)[number];
  readonly comment?: string;
}

/** Adds `alert ack`, `alert close` and `alert reopen`. */
export function addAlert(program: Command, cli: Cli): void {
  const group = declareGroup(program, "alert", "Acknowledge, close or reopen alerts.");
  const add = (name: string, summary: string, done: string, status: AlertsAsked["status"]) =>
    addWho(
      declare(group, name, summary, {
        0: `${done}, or was before`,
        1: "there is no such alert, or it cannot be done; nothing was changed",
      }),
    )
      .argument("<alert...>", "numbers (ALR-000123) or ids")
      .option("--comment <text>", "kept with what was done to the alert")
      .action((names: string[], options: AlertOptions, command: Command) =>
        change(names, status, options, command, cli),
      );
  add(
    "ack",
    "Say that you look at alerts: they are not reminded of.",
    "acknowledged",
    "acknowledged",
  );
  add("close", "Close alerts, and say what they were found to be.", "closed", "closed").addOption(
    new Option("--verdict <verdict>", "what they are").choices(VERDICTS).makeOptionMandatory(),
  );
  add("reopen", "Take closed alerts up again, without their verdict.", "reopened", "new");
}

function change(
  names: readonly string[],
  status: AlertsAsked["status"],
  { verdict, comment, ...who }: AlertOptions,
  command: Command,
  cli: Cli,
): void {
  const context = contextOf(command, cli);
  const asked = { names, status, verdict, comment };
  const items = changeStore(context.data, (database) =>
    applyChange(database, "alerts", asked, byOf(who, cli)),
  );
  if (context.json) return context.printJson({ items });
  context.print(...items.map(describe));
}

function describe({ number, status, verdict, title }: Alert): string {
  const found = status === "closed" && verdict !== null ? ` as ${formatValue(verdict)}` : "";
  return `${number} is ${status}${found}: ${formatValue(title)}`;
}
