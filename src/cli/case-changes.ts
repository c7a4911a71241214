/** `tocsin case` commands that change one case. */
import { Option, type Command } from "commander";
import { VERDICTS } from "../alert/schema.ts";
import { SEVERITIES } from "../alert/severity.ts";
import { applyChange, type Asked } from "../app/changes/change.ts";
import { CASE_STATUSES, type Case } from "../case/case.ts";
import { collect, declare, declareGroup, wholeNumber, type ExitCodes } from "./command.ts";
import { contextOf } from "./context.ts";
import { changeStore } from "./data.ts";
import { usage } from "./failure.ts";
import type { Cli } from "./io.ts";
import { formatValue } from "./text.ts";
import { addWho, byOf, type WhoOptions } from "./who.ts";

type OneCaseChange = "case.change" | "case.comment" | "case.close" | "case.reopen";
type Fields = Asked<"case.change">["change"];

interface EditOptions extends WhoOptions, Omit<Fields, "task" | "tags"> {
  readonly tag?: readonly string[];
}

/** Exit codes of everything that changes a case. */
export const CHANGE_EXITS: ExitCodes = {
  0: "done",
  1: "there is no such case, or it cannot be done as the case is; nothing was changed",
};
export const CASE_ARGUMENT = ["<case>", "number (CASE-000012 or 12)"] as const;

/** Adds `comment`, `assign`, `edit`, `close`, `reopen` and `task` to the group `case`. */
export function addCaseChanges(group: Command, cli: Cli): void {
  const add = (parent: Command, spec: string, summary: string) =>
    addWho(declare(parent, spec, summary, CHANGE_EXITS)).argument(...CASE_ARGUMENT);
  add(group, "comment", "Put a comment into the timeline of a case.")
    .argument("<text>", "the comment")
    .action((name: string, text: string, options: WhoOptions, command: Command) =>
      change("case.comment", { case: name, text }, options, command, cli),
    );
  add(group, "assign", "Give a case to somebody, or to nobody.")
    .argument("[owner]", "who works on it")
    .option("--nobody", "take it from its owner")
    .action((name: string, owner: string | undefined, options: AssignOptions, command: Command) =>
      edit(name, { owner: readOwner(owner, options) }, options, command, cli),
    );
  addEdit(add(group, "edit", "Change fields of a case; what is not named stays."), cli);
  add(group, "close", "Close a case, and those of its alerts that are open, with one verdict.")
    .addOption(verdictOption("what it is; without it, the verdict that the case has"))
    .action((name: string, options: EditOptions, command: Command) =>
      change("case.close", { case: name, verdict: options.verdict ?? null }, options, command, cli),
    );
  add(group, "reopen", "Take a resolved or closed case up again; its alerts stay closed.").action(
    (name: string, options: WhoOptions, command: Command) =>
      change("case.reopen", { case: name }, options, command, cli),
  );
  addTasks(
    declareGroup(group, "task", "Add tasks to a case, or say that they are done."),
    add,
    cli,
  );
}

interface AssignOptions extends WhoOptions {
  readonly nobody?: boolean;
}

function readOwner(owner: string | undefined, { nobody = false }: AssignOptions): string | null {
  if ((owner === undefined) === nobody) return owner ?? null;
  throw usage("it is not clear who gets the case", "give either an owner or --nobody");
}

function verdictOption(summary: string): Option {
  return new Option("--verdict <verdict>", summary).choices(VERDICTS);
}

function addEdit(command: Command, cli: Cli): void {
  command
    .option("--title <title>", "what it is called")
    .option("--summary <text>", "what is known of it")
    .addOption(new Option("--status <status>", "how far it is").choices(CASE_STATUSES))
    .addOption(new Option("--severity <severity>", "how bad it is").choices(SEVERITIES))
    .addOption(verdictOption("what it was found to be"))
    .option("--tag <tag>", "in place of its tags; may be given several times", collect)
    .action((name: string, { as, tag, ...fields }: EditOptions, ran: Command) => {
      const asked = tag === undefined ? fields : { ...fields, tags: [...tag] };
      if (Object.keys(asked).length === 0)
        throw usage("nothing is to be changed", "see tocsin case edit --help");
      edit(name, asked, as === undefined ? {} : { as }, ran, cli);
    });
}

type AddCommand = (parent: Command, spec: string, summary: string) => Command;

function addTasks(group: Command, add: AddCommand, cli: Cli): void {
  add(group, "add", "Add a task to a case.")
    .argument("<title>", "what is to be done")
    .option("--owner <name>", "who does it")
    .action((name: string, title: string, options: TaskOptions, command: Command) => {
      const task = { add: { title, owner: options.owner ?? null } };
      edit(name, { task }, options, command, cli);
    });
  add(group, "done", "Say that a task is done.")
    .argument("<task>", "number of the task", wholeNumber)
    .action((name: string, id: number, options: WhoOptions, command: Command) =>
      edit(name, { task: { id, done: true } }, options, command, cli),
    );
}

interface TaskOptions extends WhoOptions {
  readonly owner?: string;
}

function edit(name: string, fields: Fields, who: WhoOptions, command: Command, cli: Cli): void {
  change("case.change", { case: name, change: fields }, who, command, cli);
}

function change<Kind extends OneCaseChange>(
  kind: Kind,
  asked: Asked<Kind>,
  who: WhoOptions,
  command: Command,
  cli: Cli,
): void {
  const context = contextOf(command, cli);
  const changed: Case = changeStore(context.data, (database) =>
    applyChange(database, kind, asked, byOf(who, cli)),
  );
  if (context.json) return context.printJson(changed);
  context.print(describeChanged(changed));
}

/** A case in one line, after a change. */
export function describeChanged({ id, status, verdict, owner, title }: Case): string {
  const found = verdict === null ? "" : `, ${verdict}`;
  const held = owner === null ? "" : `, ${formatValue(owner)}'s`;
  return `${id} (${status}${found}${held}): ${formatValue(title)}`;
}
