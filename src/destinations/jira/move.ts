/**
 * Moving an issue through its workflow, as far as the alert's status asks for it. What a status is
 * called is up to the project; what is told apart are Jira's three categories: `new`, `indeterminate`
 * (somebody works on it) and `done`.
 */
import type { Verdict } from "../destination.ts";
import { excerptOf } from "../http-verdict.ts";
import type { Issue, JiraClient, Transition } from "./client.ts";

export interface Transitions {
  readonly new?: string | undefined;
  readonly acknowledged?: string | undefined;
  readonly closed?: string | undefined;
}

/** The categories in which an issue stays where it is, by the alert's status. */
const SETTLED = {
  new: ["new", "indeterminate"],
  acknowledged: ["indeterminate"],
  closed: ["done"],
} as const;

/**
 * Moves the issue by the transition with the configured name, or to the status with that name. A verdict
 * only when it had to move and did not: nothing is configured for the status, or people have moved it
 * there already, is no failure.
 */
export async function moveIssue(
  client: JiraClient,
  issue: Issue,
  status: keyof typeof SETTLED,
  names: Transitions,
): Promise<Verdict | undefined> {
  const name = names[status];
  if (name === undefined || isSettled(issue, status, name)) return undefined;
  const found = await client.transitions(issue.key);
  if (!found.ok) return found.verdict;
  const transition = pick(found.value, name);
  if (!transition) return unknownTransition(issue, name, found.value);
  const moved = await client.transit(issue.key, transition.id);
  return moved.ok ? undefined : moved.verdict;
}

function isSettled({ fields }: Issue, status: keyof typeof SETTLED, name: string): boolean {
  const category: string = fields.status.statusCategory?.key ?? "";
  return isSame(fields.status.name, name) || SETTLED[status].some((each) => each === category);
}

function pick(transitions: readonly Transition[], name: string): Transition | undefined {
  return (
    transitions.find((each) => isSame(each.name, name)) ??
    transitions.find((each) => isSame(each.to?.name ?? "", name))
  );
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function unknownTransition(issue: Issue, name: string, all: readonly Transition[]): Verdict {
  const there = all.map((each) => each.name).join(", ") || "none";
  const error = `${issue.key} has no transition "${name}" from its status "${issue.fields.status.name}", only: ${there}`;
  const hint = "set transitions to names of the project's workflow";
  return { kind: "reject", reason: "rejected_by_peer", error: `${excerptOf(error)} — ${hint}` };
}
