/**
 * What an alert's status and verdict are in IRIS. A status that says more than Tocsin's is left alone:
 * an alert that somebody has assigned, or merged into a case, stays so until it is closed here, and what
 * is in a case stays Merged or Escalated even then.
 */
import type { Alert } from "../../alert/schema.ts";
import type { Message } from "../destination.ts";
import type { Ids } from "./ids.ts";

const RESOLUTIONS: Readonly<Record<string, string>> = {
  true_positive: "True Positive With Impact",
  benign: "Legitimate",
  false_positive: "False Positive",
  duplicate: "Not Applicable",
  undetermined: "Unknown",
};

/** Ids to set; undefined for what stays as it is. */
export interface StatusNow {
  readonly status: number | undefined;
  readonly resolution: number | undefined;
}

/** The status of a message's alert, where IRIS has it in `current`; undefined for one that is added. */
export function statusNow(
  { alert, digest }: Message,
  current: number | undefined,
  ids: Ids,
): StatusNow {
  if (digest) return { status: undefined, resolution: undefined };
  const resolution = alert.status === "closed" ? resolutionOf(alert, ids) : undefined;
  const { from, to } = STEPS[alert.status];
  const isFrom = current === undefined || from.some((name) => ids.status(name) === current);
  return { status: isFrom ? ids.status(to) : undefined, resolution };
}

const STEPS = {
  new: { from: ["Closed"], to: "New" },
  acknowledged: { from: ["Unspecified", "New", "Closed"], to: "In progress" },
  closed: { from: ["Unspecified", "New", "Assigned", "In progress", "Pending"], to: "Closed" },
} as const;

function resolutionOf({ verdict }: Alert, ids: Ids): number | undefined {
  const name = verdict === null ? undefined : RESOLUTIONS[verdict];
  return name === undefined ? undefined : ids.resolution(name);
}
