/**
 * Policies that cannot work as they are written. Works on the data before validation; nothing is
 * assumed.
 */
import type { Finding, Path } from "../config/problem.ts";
import { messageOf, TocsinError } from "../errors.ts";
import { compileTemplate } from "../template/template.ts";
import { compileStopValues } from "../case/stop-values.ts";
import {
  asList,
  asMap,
  checkNames,
  checkOneOf,
  checkQuery,
  readEntries,
  readQuery,
  type PlainMap,
  type RawEntry,
} from "./entry-checks.ts";
import { checkSilences } from "./silence-checks.ts";

/** All findings about policies and silences. */
export function checkPolicies(root: PlainMap): Finding[] {
  return [
    ...checkFold(readEntries(root, "fold", "fold policy")),
    ...checkCases(readEntries(root, "cases", "case policy")),
    ...checkCorrelate(readEntries(root, "correlate", "correlation")),
    ...checkInhibit(readEntries(root, "inhibit", "inhibition")),
    ...checkSilences(readEntries(root, "silences", "silence")),
    ...checkStopValues(asMap(root["stop_values"])),
  ];
}

function checkFold(policies: readonly RawEntry[]): Finding[] {
  return [...checkNames(policies, "fold policy"), ...checkOrder(policies)];
}

function checkCases(policies: readonly RawEntry[]): Finding[] {
  return [
    ...checkNames(policies, "case policy"),
    ...checkOrder(policies),
    ...policies.flatMap((policy) => [
      ...checkOneOf(policy, ["group_by", "share"]),
      ...checkTemplate(policy.raw["title"], [...policy.path, "title"]),
    ]),
  ];
}

/** Only the first policy that matches is asked, so what stands behind one that takes all is idle. */
function checkOrder(policies: readonly RawEntry[]): Finding[] {
  const queries = policies.map(({ raw, path }) => readQuery(raw["match"], [...path, "match"]));
  const last = queries.findIndex(({ matchesAll }) => matchesAll);
  const taker = policies[last];
  const behind = taker ? policies.slice(last + 1) : [];
  return [
    ...queries.flatMap(({ problem }) => (problem ? [problem] : [])),
    ...behind.map(({ path, label }): Finding => ({
      level: "warning",
      path,
      message: `no alert gets to ${label}: ${taker?.label} takes every alert before it`,
      hint: `move it up, or give ${taker?.label} a \`match\``,
    })),
  ];
}

function checkTemplate(text: unknown, path: Path): Finding[] {
  if (typeof text !== "string") return [];
  try {
    compileTemplate(text, { component: "configuration" });
    return [];
  } catch (error) {
    const hint = error instanceof TocsinError ? error.hint : undefined;
    return [{ level: "error", path, message: `\`title\`: ${messageOf(error)}`, hint }];
  }
}

function checkCorrelate(policies: readonly RawEntry[]): Finding[] {
  return [
    ...checkNames(policies, "correlation"),
    ...policies.flatMap((policy) => [
      ...checkOneOf(policy, ["count", "sequence"]),
      ...checkQuery(policy.raw["match"], [...policy.path, "match"]),
      ...asList(policy.raw["sequence"]).flatMap((step, index) =>
        checkQuery(step, [...policy.path, "sequence", index]),
      ),
      ...checkSequence(policy),
    ]),
  ];
}

/** Each step has a condition of its own. */
function checkSequence({ raw, path }: RawEntry): Finding[] {
  if (!("sequence" in raw && "match" in raw)) return [];
  const message = "`match` has no meaning beside `sequence`";
  const hint = "write the condition into the steps";
  return [{ level: "error", path: [...path, "match"], at: "key", message, hint }];
}

function checkInhibit(policies: readonly RawEntry[]): Finding[] {
  return [
    ...checkNames(policies, "inhibition"),
    ...policies.flatMap(({ raw, path }) => [
      ...checkQuery(raw["while"], [...path, "while"]),
      ...checkQuery(raw["mute"], [...path, "mute"]),
    ]),
  ];
}

/** Addresses may be networks; of other types every text is a value. */
function checkStopValues({ ip }: PlainMap): Finding[] {
  return asList(ip).flatMap((value, index): Finding[] => {
    if (typeof value !== "string" || isNetworkOrText(value)) return [];
    const message = `"${value}" is not a network`;
    const hint = "write it like 10.0.0.0/8 or fd00::/8";
    return [{ level: "error", path: ["stop_values", "ip", index], message, hint }];
  });
}

function isNetworkOrText(value: string): boolean {
  try {
    compileStopValues({ ip: [value] });
    return true;
  } catch {
    return false;
  }
}
