/** Silences that cannot work as they are written; nothing is assumed of any value. */
import { splitHint, type Finding } from "../config/problem.ts";
import { readDuration } from "../config/values.ts";
import { readCron } from "../silence/cron.ts";
import { findRecurrenceProblem } from "../silence/recurrence.ts";
import { checkIdle, checkNames, checkQuery, type RawEntry } from "./entry-checks.ts";

/** All findings about silences. */
export function checkSilences(silences: readonly RawEntry[]): Finding[] {
  return [
    ...checkNames(silences, "silence"),
    ...silences.flatMap((silence) => [
      ...checkQuery(silence.raw["match"], [...silence.path, "match"]),
      ...("cron" in silence.raw ? checkRecurring(silence) : checkSingle(silence)),
      ...checkIdle(silence, ["remind"], "until"),
      ...checkSpan(silence),
    ]),
  ];
}

function checkRecurring(silence: RawEntry): Finding[] {
  const { raw, path, label } = silence;
  const endless: Finding = {
    level: "error",
    path,
    message: `${label} has \`cron\` but no \`for\``,
    hint: "say how long it lasts each time",
  };
  return [...("for" in raw ? [] : [endless]), ...checkCron(silence)];
}

function checkCron({ raw, path }: RawEntry): Finding[] {
  const { cron } = raw;
  if (typeof cron !== "string") return [];
  const length = readDuration(String(raw["for"]));
  // The time zone has a problem of its own when it is none, and changes nothing here.
  const problem = length ? findRecurrenceProblem(cron, null, length) : findCronProblem(cron);
  return problem === null
    ? []
    : [{ level: "error", path: [...path, "cron"], ...splitHint(problem) }];
}

function findCronProblem(cron: string): string | null {
  const read = readCron(cron, null);
  return "problem" in read ? read.problem : null;
}

function checkSingle(silence: RawEntry): Finding[] {
  const { raw, path, label } = silence;
  const lasting: Finding = {
    level: "error",
    path: [...path, "for"],
    at: "key",
    message: "`for` has no meaning without `cron`",
    hint: "say `until` when it ends",
  };
  const forever: Finding = {
    level: "warning",
    path,
    message: `${label} never ends`,
    hint: "add `until`",
  };
  return [
    ...("for" in raw ? [lasting] : []),
    ...("until" in raw || Object.keys(raw).length === 0 ? [] : [forever]),
    ...checkIdle(silence, ["time_zone"], "cron"),
  ];
}

function checkSpan({ raw: { from, until }, path }: RawEntry): Finding[] {
  if (typeof from !== "string" || typeof until !== "string") return [];
  // False when one of them is no time, which has a problem of its own.
  if (!(Date.parse(until) <= Date.parse(from))) return [];
  const message = `\`until\` is not after \`from\`: ${from}`;
  return [{ level: "error", path: [...path, "until"], message, hint: "put it after" }];
}
