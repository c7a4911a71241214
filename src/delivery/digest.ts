/** What a digest says of its alerts as a whole. */
import type { Alert } from "../alert/schema.ts";
import { severityId, type Severity } from "../alert/severity.ts";
import type { Digest, Tally } from "../destinations/destination.ts";
import type { ClaimedDigest } from "../store/store.ts";

/** How many rules and hosts a digest names. */
const MAX_TALLIES = 5;

/** Counts the alerts of a claim, at most `MAX_DIGEST_ALERTS`: their rules, their hosts, the worst. */
export function digestOf({ reason, cause, total, alerts }: ClaimedDigest): Digest {
  return {
    reason,
    cause,
    total,
    severity: highestOf(alerts),
    rules: tally(alerts, ({ rule }) => [rule.name ?? rule.id ?? ""]),
    hosts: tally(alerts, ({ entities }) => entities.hosts),
    alerts,
  };
}

function highestOf(alerts: readonly Alert[]): Severity {
  const severities = alerts.map(({ severity }) => severity);
  return severities.reduce<Severity>(
    (highest, severity) => (severityId(severity) > severityId(highest) ? severity : highest),
    "unknown",
  );
}

/** An alert counts once for each of its names. Equally frequent names stay in order of appearance. */
function tally(alerts: readonly Alert[], namesOf: (alert: Alert) => readonly string[]): Tally[] {
  const counts = new Map<string, number>();
  for (const alert of alerts)
    for (const name of new Set(namesOf(alert)))
      if (name !== "") counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MAX_TALLIES);
}
