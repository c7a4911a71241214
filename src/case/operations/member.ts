/** What a case takes from its alerts. */
import type { Alert } from "../../alert/schema.ts";
import { severityId, type Severity } from "../../alert/severity.ts";
import type { Case } from "../case.ts";

/** An alert of a case, as far as the case depends on it. */
export interface CaseMember {
  /** `ALR-…`. */
  readonly number: string;
  readonly severity: Severity;
  /** When it happened for the first and for the last time; epoch milliseconds. */
  readonly first: number;
  readonly last: number;
}

/**
 * A stored alert as a member, from when it was first and last seen. `now` bounds both: a sender's
 * clock that runs ahead must not keep a case's window open.
 */
export function memberOf(
  alert: Pick<Alert, "number" | "severity" | "first_seen" | "last_seen">,
  now: number,
): CaseMember {
  return {
    number: alert.number,
    severity: alert.severity,
    first: Math.min(Date.parse(alert.first_seen), now),
    last: Math.min(Date.parse(alert.last_seen), now),
  };
}

/** What follows from the alerts alone. Without any, severity is unknown and both times are `now`. */
export function summariseMembers(
  members: readonly CaseMember[],
  now: number,
): Pick<Case, "alert_count" | "severity" | "first_alert_at" | "last_alert_at"> {
  const [one, ...others] = members;
  if (!one) return { alert_count: 0, severity: "unknown", ...spanOf(now, now) };
  const all = others.reduce<CaseMember>(
    (sum, next) => ({
      ...sum,
      severity: higher(sum.severity, next.severity),
      first: Math.min(sum.first, next.first),
      last: Math.max(sum.last, next.last),
    }),
    one,
  );
  return {
    alert_count: members.length,
    severity: all.severity,
    ...spanOf(all.first, all.last),
  };
}

export function higher(one: Severity, other: Severity): Severity {
  return severityId(other) > severityId(one) ? other : one;
}

/** The times of a case that has a further alert, or a further occurrence of one. */
export function widened(
  known: Case,
  { first, last }: Pick<CaseMember, "first" | "last">,
): Pick<Case, "first_alert_at" | "last_alert_at"> {
  return spanOf(
    Math.min(Date.parse(known.first_alert_at), first),
    Math.max(Date.parse(known.last_alert_at), last),
  );
}

function spanOf(first: number, last: number): Pick<Case, "first_alert_at" | "last_alert_at"> {
  return {
    first_alert_at: new Date(first).toISOString(),
    last_alert_at: new Date(last).toISOString(),
  };
}
