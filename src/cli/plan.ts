/** `tocsin plan` */
import type { Command } from "commander";
import { planChanges, type PlannedChange } from "../rehearsal/plan.ts";
import { appliedConfiguration, appliedText } from "./applied.ts";
import { compare, describeComparison } from "./backtest.ts";
import { declare, durationOption } from "./command.ts";
import { readWhole } from "./configuration.ts";
import { contextOf, type Paint } from "./context.ts";
import type { Cli } from "./io.ts";
import { countOf, formatDuration } from "./text.ts";

const DAY_MS = 86_400_000;

/** Adds `plan`, which says what starting with the configuration would change. */
export function addPlan(program: Command, cli: Cli): void {
  declare(
    program,
    "plan",
    "Show what the configuration changes: objects, and what the last day's events would come to.",
    { 0: "shown; no event is lost", 1: "events that reached somebody would reach nobody" },
  )
    .option(
      "--since <duration>",
      "how far back to decide events again (default 24h)",
      durationOption,
    )
    .action(async ({ since = DAY_MS }: { since?: number }, command: Command) => {
      const context = contextOf(command, cli);
      const read = readWhole(context, cli);
      const changes = planChanges(appliedText(context), read.text);
      const before = appliedConfiguration(context, cli, read);
      const window = { since: cli.now() - since, until: cli.now() };
      const result = before && (await compare(context, window, read.configuration, before));
      cli.exit((result?.comparison?.lost ?? 0) > 0 ? 1 : 0);
      const comparison = result?.comparison ?? null;
      if (context.json)
        return context.printJson({ changes, since: result?.since ?? null, comparison });
      context.print(...describeChanges(changes, context.paint));
      if (!comparison) return;
      context.print("", `events of the last ${formatDuration(since)}, decided with both:`);
      context.print(...describeComparison(comparison, context.paint));
    });
}

function describeChanges(changes: readonly PlannedChange[], paint: Paint): string[] {
  if (changes.length === 0) return ["no changes"];
  const lines = changes.map(({ change, what, name, settings }) => {
    const line = `${SIGNS[change]} ${what} ${name}`.trimEnd();
    const painted =
      change === "added" ? paint.green : change === "removed" ? paint.red : paint.yellow;
    return painted(settings.length > 0 ? `${line}: ${settings.join(", ")}` : line);
  });
  return [...lines, countOf(changes.length, "change")];
}

const SIGNS = { added: "+", changed: "~", removed: "-" } as const;
