import type { Case, CaseWrite, TimelineEntry } from "../case.ts";
import { higher, widened, type CaseMember } from "./member.ts";
import { recordChange } from "./record.ts";
import { requireOpen } from "./refuse.ts";

/**
 * The case with one more alert: counted, times widened, severity the higher of the two. Throws
 * CONFLICT when the case is not open.
 */
export function joinCase(known: Case, member: CaseMember, who: string, now: number): CaseWrite {
  requireOpen(known);
  return recordChange({
    before: known,
    after: {
      ...known,
      alert_count: known.alert_count + 1,
      severity: higher(known.severity, member.severity),
      ...widened(known, member),
    },
    who,
    now,
    told: [alertAdded(member)],
    because: { alert: member.number },
  });
}

/**
 * The case after one of its alerts happened again: times widened, severity raised when the alert's
 * is higher. Null when that changes nothing.
 */
export function extendCase(
  known: Case,
  member: CaseMember,
  who: string,
  now: number,
): CaseWrite | null {
  const after = {
    ...known,
    severity: higher(known.severity, member.severity),
    ...widened(known, member),
  };
  const because = { alert: member.number };
  const write = recordChange({ before: known, after, who, now, because });
  return write.case === known ? null : write;
}

/** What the timeline says of an alert that joins. */
export function alertAdded({
  number,
  severity,
}: CaseMember): Pick<TimelineEntry, "kind" | "detail"> {
  return { kind: "alert_added", detail: { alert: number, severity } };
}
