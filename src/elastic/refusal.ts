/** An error that says what Elasticsearch, OpenSearch or Kibana answered, in their words and ours. */
import { clip, toLine } from "../alert/text.ts";
import { fail, TocsinError } from "../errors.ts";

const LONGEST_DETAIL = 300;

/** What an answer means. */
export interface Meaning {
  readonly code: "CLUSTER_REFUSED" | "NOT_FOUND" | "REQUEST_FAILED";
  /** By the name that it has for deliveries, where they have one. */
  readonly reason: string;
  readonly words: string;
  readonly hint?: string;
}

export interface Refused {
  /** `cluster lab`. */
  readonly component: string;
  /** What was asked for, for the sentence `reading logs-*: …`. */
  readonly doing: string;
  readonly status: number;
  /** The peer's own words; "" when it gave none. */
  readonly said: string;
  /** A text without the secrets that it may repeat. */
  hide(text: string): string;
}

/** The error; `data` has the status and the reason. */
export function refusalOf(
  { code, reason, words, hint }: Meaning,
  { component, doing, status, said, hide }: Refused,
  data: Readonly<Record<string, unknown>> = {},
): TocsinError {
  const detail = quoteSaid(said, hide);
  const message = `${doing}: ${words} (HTTP ${status}${detail === "" ? "" : `: ${detail}`})`;
  return fail(code, { component, message, hint, data: { reason, status, ...data } });
}

/** A peer's words on one bounded line. Hidden first: half a secret would stay where they are cut. */
export function quoteSaid(said: string, hide: Refused["hide"]): string {
  return clip(toLine(hide(said)), LONGEST_DETAIL);
}

/** Throws it again; of a TLS failure with a hint that names the settings of a cluster. */
export function rethrowNaming(error: unknown, hint: string): never {
  if (!(error instanceof TocsinError) || error.data?.["reason"] !== "tls") throw error;
  const { component, message, data } = error;
  throw fail("REQUEST_FAILED", { component, message, hint, data, cause: error.cause });
}
