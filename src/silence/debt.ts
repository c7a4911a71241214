/** What a silence hid: its debt, by which people judge whether it was worth it. */
import { severityId, type Severity } from "../alert/severity.ts";
import type { Status } from "../alert/schema.ts";

/** What counts of an alert that was held back, as it stands today. */
export interface HiddenAlert {
  readonly severity: Severity;
  readonly status: Status;
  /** One of `VERDICTS`, or a vendor's own word. */
  readonly verdict: string | null;
}

export interface SilenceDebt {
  readonly alerts: number;
  /** The highest among them; null when there are none. */
  readonly severity: Severity | null;
  /** Nobody has closed them. */
  readonly open: number;
  /** They turned out to be true. */
  readonly true_positive: number;
  /** They have no verdict yet. */
  readonly unjudged: number;
}

/** Sums up the alerts that a silence hid, each once. */
export function debtOf(alerts: readonly HiddenAlert[]): SilenceDebt {
  const count = (fits: (alert: HiddenAlert) => boolean) => alerts.filter(fits).length;
  return {
    alerts: alerts.length,
    severity: highest(alerts),
    open: count(({ status }) => status !== "closed"),
    true_positive: count(({ verdict }) => verdict === "true_positive"),
    unjudged: count(({ verdict }) => verdict === null),
  };
}

function highest(alerts: readonly HiddenAlert[]): Severity | null {
  const severities = alerts.map(({ severity }) => severity);
  return severities.toSorted((one, other) => severityId(other) - severityId(one))[0] ?? null;
}
