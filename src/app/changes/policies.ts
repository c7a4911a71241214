/** What people make of policies and routes, beside those of the file. */
import { formatProblem, type Problem } from "../../config/problem.ts";
import { fail } from "../../errors.ts";
import type { Database } from "../../sqlite/database.ts";
import type { PolicyKind, PolicySettings, StoredPolicy } from "../../store/policy.ts";
import { changeState } from "../../store/sqlite/change-state.ts";
import { getMeta } from "../../store/sqlite/meta.ts";
import { listPolicies, removePolicy, savePolicy } from "../../store/sqlite/policies.ts";
import { APPLIED_CONFIGURATION, appliedOptions } from "../applied-configuration.ts";
import { parseConfiguration } from "../configuration.ts";
import { registries } from "../registries.ts";
import { isOfStored, parseMerged, standsInFile, type PolicyEntry } from "../stored-policies.ts";
import type { By } from "./by.ts";

interface PolicyAsked {
  readonly kind: PolicyKind;
  readonly name: string;
}

/**
 * Makes a policy or route, or gives one that was made by hand other settings. It is checked together
 * with all others and with the file of the configuration that ran last. Throws REQUEST_INVALID with
 * all that is wrong with it, CONFLICT when the file has one of this name.
 */
export function setPolicy(
  database: Database,
  asked: PolicyAsked & { readonly settings: PolicySettings },
  { who, now }: By,
): StoredPolicy {
  return changeState(database, () => {
    const policy = { ...asked, settings: withoutName(asked) };
    const text = appliedText(database);
    requireOutsideFile(text, policy);
    requireFit(text, othersOf(database, policy), policy);
    savePolicy(database, policy, who, now);
    return requirePolicy(database, policy);
  });
}

/** Removes one that was made by hand. Throws NOT_FOUND, or CONFLICT when it stands in the file. */
export function dropPolicy(database: Database, asked: PolicyAsked, { who, now }: By): StoredPolicy {
  return changeState(database, () => {
    const known = findPolicy(database, asked);
    // One that the file has, too, must be possible to remove: nothing starts before.
    if (!known) requireOutsideFile(appliedText(database), asked);
    const found = known ?? requirePolicy(database, asked);
    removePolicy(database, found.kind, found.name, who, now);
    return found;
  });
}

/** The configuration that ran last, as written; an empty one before the first start. */
function appliedText(database: Database): string {
  return getMeta(database, APPLIED_CONFIGURATION) ?? "{}";
}

function withoutName({
  kind,
  name,
  settings,
}: PolicyAsked & { readonly settings: PolicySettings }) {
  const { name: given = name, ...rest } = settings;
  if (given === name) return rest;
  const message = `it is called ${name}, and its settings say ${JSON.stringify(given)}`;
  throw fail("REQUEST_INVALID", {
    component: `${kind} ${name}`,
    message,
    hint: "Leave `name` out of the settings.",
  });
}

function requireOutsideFile(text: string, { kind, name }: PolicyAsked): void {
  if (!standsInFile(text, { kind, name })) return;
  throw fail("CONFLICT", {
    component: `${kind} ${name}`,
    message: `${kind} ${name} stands in the configuration`,
    hint: "Change it there, or choose another name.",
  });
}

/** All as it would be: a known one stays in its place. */
function othersOf(database: Database, policy: PolicyEntry): PolicyEntry[] {
  const stored: PolicyEntry[] = listPolicies(database);
  const isSame = ({ kind, name }: PolicyEntry) => kind === policy.kind && name === policy.name;
  if (!stored.some(isSame)) return [...stored, policy];
  return stored.map((one) => (isSame(one) ? policy : one));
}

/** The file's own problems are not what this change is about, unless it brings them. */
function requireFit(text: string, all: readonly PolicyEntry[], policy: PolicyEntry): void {
  const options = appliedOptions(text, { file: null, env: {}, cwd: "/", registries });
  const merged = parseMerged(options, all, "/");
  if (merged.ok) return;
  const name = `${policy.kind} ${policy.name}`;
  const errors = merged.problems.filter(({ level }) => level === "error");
  const own = errors.filter((problem) => isOfStored(problem) && problem.file === name);
  if (own.length > 0) throw refusal(name, own);
  const known = new Set(parseConfiguration(options).problems.map(({ message }) => message));
  const brought = errors.filter((one) => !isOfStored(one) && !known.has(one.message));
  if (brought.length > 0) throw refusal(name, brought);
}

function refusal(component: string, problems: readonly Problem[]): Error {
  const [first] = problems;
  if (first && problems.length === 1) {
    const { message, hint = HINT } = first;
    return fail("REQUEST_INVALID", { component, message, hint });
  }
  const texts = problems.map((problem) =>
    isOfStored(problem) ? formatProblem(problem).slice(problem.file.length + 2) : problem.message,
  );
  return fail("REQUEST_INVALID", { component, message: texts.join("; "), hint: HINT });
}

const HINT = "Its settings are described in docs/reference/configuration.md.";

function findPolicy(database: Database, { kind, name }: PolicyAsked): StoredPolicy | undefined {
  return listPolicies(database).find((one) => one.kind === kind && one.name === name);
}

function requirePolicy(database: Database, asked: PolicyAsked): StoredPolicy {
  const found = findPolicy(database, asked);
  if (found) return found;
  throw fail("NOT_FOUND", {
    component: `${asked.kind} ${asked.name}`,
    message: `there is no ${asked.kind} ${asked.name}`,
    hint: "tocsin policy list and GET /api/v1/policies show those that there are.",
  });
}
