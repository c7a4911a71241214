import type { Alert } from "../alert/schema.ts";
import { recordOf } from "../kql/index.ts";

/**
 * The thread of an alert at a destination: its case, else the values of the fields that the
 * destination threads by, else none. Alerts without any of the values have no thread in common.
 */
export function threadKey(alert: Alert, fields: readonly string[] | undefined): string | null {
  if (alert.case_id) return `case:${alert.case_id}`;
  if (!fields || fields.length === 0) return null;
  const record = recordOf(alert);
  const values = fields.map((field) => record.values(field).join(","));
  return values.every((value) => value === "") ? null : values.join("|");
}
