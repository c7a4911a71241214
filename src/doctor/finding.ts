/** What the doctor finds, one sentence at a time. */
import { TocsinError } from "../errors.ts";

/** `skipped`: it could not be looked at, or there is nothing to look at. */
export type Outcome = "ok" | "warning" | "problem" | "skipped";

/** What was looked at, in the order of looking. */
export type Step =
  | "reach"
  | "version"
  | "licence"
  | "index"
  | "privileges"
  | "read"
  | "mapping"
  | "kibana"
  | "test";

export interface Finding {
  readonly step: Step;
  readonly outcome: Outcome;
  /** The source that it is about; null when it is about the cluster. */
  readonly source: string | null;
  readonly text: string;
  /** What to do about it. */
  readonly hint: string | null;
}

interface Details {
  readonly source?: string | null;
  readonly hint?: string | null;
}

/** A finding; about the cluster, and without a hint, unless told. */
export function found(
  step: Step,
  outcome: Outcome,
  text: string,
  { source = null, hint = null }: Details = {},
): Finding {
  return { step, outcome, source, text, hint };
}

/** A problem in the words of an error. Rethrows what is a bug. */
export function foundError(step: Step, error: unknown, source: string | null = null): Finding {
  if (!(error instanceof TocsinError) || error.code === "INTERNAL") throw error;
  return found(step, "problem", error.message, { source, hint: error.hint ?? null });
}

/** The HTTP status behind an error of a cluster; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof TocsinError ? error.data?.["status"] : undefined;
  return typeof status === "number" ? status : undefined;
}
