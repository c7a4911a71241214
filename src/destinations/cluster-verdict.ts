/** What it means for a delivery that a call of a cluster or of its Kibana failed. */
import { TocsinError } from "../errors.ts";
import { REJECT_REASONS, type RejectReason, type Verdict } from "./destination.ts";
import { readRetryAfter, verdictOfError } from "./http-verdict.ts";

/**
 * The verdict that a plain answer of the same status would have come to. `now` in epoch ms, for a
 * `Retry-After` date. Throws what is none of the client's errors again: that is a bug.
 */
export function verdictOfFailure(error: unknown, now: number): Verdict {
  if (!(error instanceof TocsinError)) throw error;
  const { status, retry_after } = error.data ?? {};
  const answered = typeof status === "number" ? { status } : {};
  if (error.code === "CLUSTER_REFUSED" || error.code === "NOT_FOUND")
    return { kind: "reject", reason: reasonOf(error), error: textOf(error), ...answered };
  const verdict = verdictOfError(error);
  if (verdict.kind !== "retry") return verdict;
  const after = typeof retry_after === "string" ? readRetryAfter(retry_after, now) : undefined;
  return { ...verdict, ...answered, after };
}

function reasonOf({ data }: TocsinError): RejectReason {
  return REJECT_REASONS.find((reason) => reason === data?.["reason"]) ?? "rejected_by_peer";
}

function textOf({ message, hint }: TocsinError): string {
  return hint === undefined ? message : `${message} — ${hint}`;
}
