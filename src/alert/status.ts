/** Statuses that people give. */
import type { Alert, Status } from "./schema.ts";

/**
 * An alert with the status that somebody gives it at `now` (epoch milliseconds); unchanged when it has
 * that status already. Whoever changes a status knows the one before, so it counts as the later one
 * also where that was set by a clock that runs ahead.
 */
export function giveStatus(alert: Alert, status: Status, now: number): Alert {
  if (status === alert.status) return alert;
  const before = alert.status_changed_at === null ? now : Date.parse(alert.status_changed_at) + 1;
  const at = new Date(Math.max(now, before));
  return { ...alert, status, status_changed_at: at.toISOString() };
}
