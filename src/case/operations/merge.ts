import type { Case, CaseWrite } from "../case.ts";
import { higher, widened } from "./member.ts";
import { recordChange } from "./record.ts";
import { invalid, requireOpen, requireUnmerged } from "./refuse.ts";
import { joinTasks } from "./tasks.ts";

/**
 * Joins two cases. `into` takes over alerts, tags, tasks, times and the higher severity, and owner
 * and summary where it has none. `from` is closed (as a duplicate, unless it has a verdict), counts
 * no alerts any more and says where they went. The caller moves the alerts.
 *
 * Throws REQUEST_INVALID when both are the same case, CONFLICT when either was merged before or
 * `into` is not open. A closed `from` is fine: its alerts may turn out to belong to an open case.
 */
export function mergeCases(
  into: Case,
  from: Case,
  who: string,
  now: number,
): { readonly into: CaseWrite; readonly from: CaseWrite } {
  if (into.number === from.number) {
    throw invalid(into, "a case cannot be merged into itself", "Name two cases.");
  }
  requireOpen(into);
  requireUnmerged(from);
  return { into: takeOver(into, from, who, now), from: handOver(into, from, who, now) };
}

function takeOver(into: Case, from: Case, who: string, now: number): CaseWrite {
  const after = {
    ...into,
    alert_count: into.alert_count + from.alert_count,
    severity: higher(into.severity, from.severity),
    owner: into.owner ?? from.owner,
    summary: into.summary ?? from.summary,
    tags: [...new Set([...into.tags, ...from.tags])],
    tasks: joinTasks(into.tasks, from.tasks),
    ...widened(into, {
      first: Date.parse(from.first_alert_at),
      last: Date.parse(from.last_alert_at),
    }),
  };
  const detail = { from: from.id, title: from.title, alerts: from.alert_count };
  const told = [{ kind: "merged" as const, detail }];
  return recordChange({ before: into, after, who, now, told, because: { from: from.id } });
}

function handOver(into: Case, from: Case, who: string, now: number): CaseWrite {
  const after: Case = {
    ...from,
    status: "closed",
    verdict: from.verdict ?? "duplicate",
    alert_count: 0,
    closed_at: from.closed_at ?? new Date(now).toISOString(),
    merged_into: into.id,
  };
  const detail = { into: into.id, title: into.title, alerts: from.alert_count };
  const told = [{ kind: "merged" as const, detail }];
  return recordChange({ before: from, after, who, now, told, because: { into: into.id } });
}
