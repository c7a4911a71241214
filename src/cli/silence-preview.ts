/** What a silence would have held back of late, so that nobody silences more than they mean to. */
import { positionOfNumber } from "../alert/id.ts";
import type { ListedAlert } from "../ledger/alerts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { MAX_LIMIT } from "../ledger/page.ts";
import { OPERATOR_KIND } from "../pipeline/stages/route.ts";
import { collectPages } from "./pages.ts";
import { countOf } from "./text.ts";

const DAY_MS = 86_400_000;
/** It is to be quick: older alerts of the day are not looked at. */
const MOST = 10 * MAX_LIMIT;

export interface SilencePreview {
  /** How many of `alerts` its matcher fits. */
  readonly matched: number;
  /** Alerts of the last 24 hours, at most the newest 5000. */
  readonly alerts: number;
  /** False when there were more alerts than that. */
  readonly complete: boolean;
}

/** Looks at the last day. Tocsin's own alerts do not count: no silence holds them back. */
export async function previewSilence(
  ledger: Ledger,
  match: string,
  now: number,
): Promise<SilencePreview> {
  const since = now - DAY_MS;
  const alerts = await collect(ledger, { since });
  const oldest = positionOfNumber(alerts.items.at(-1)?.number ?? "") ?? 1;
  const matched = await collect(ledger, { since, q: match, after: oldest - 1 });
  return {
    matched: countOthers(matched.items),
    alerts: countOthers(alerts.items),
    complete: alerts.next === null,
  };
}

function collect(ledger: Ledger, query: { since: number; q?: string; after?: number }) {
  return collectPages(MOST, undefined, (page) => ledger.listAlerts({ ...page, ...query }));
}

function countOthers(alerts: readonly ListedAlert[]): number {
  return alerts.filter(({ source }) => source.kind !== OPERATOR_KIND).length;
}

/** The preview in lines, the warning first. */
export function describePreview({ matched, alerts, complete }: SilencePreview): string[] {
  const which = complete ? "" : "newest ";
  const line = `  would have held back ${matched} of the ${which}${countOf(alerts, "alert")} of the last 24 h`;
  return alerts > 0 && matched === alerts
    ? ["warning: its matcher fits every alert", line]
    : [line];
}
