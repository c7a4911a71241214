/** What an HTTP answer, or the lack of one, means for a delivery. Shared by all HTTP peers. */
import { TocsinError } from "../errors.ts";
import type { HttpAnswer } from "../net/http.ts";
import { RETRY_REASONS, type RejectReason, type RetryReason, type Verdict } from "./destination.ts";
import { oneLine } from "./text.ts";

const MAX_EXCERPT = 200;
/** A peer can ask for a pause, not for the end: longest wait that is honoured, in ms. */
const MAX_WAIT = 24 * 3_600_000;

const REJECTIONS: Readonly<Record<number, RejectReason>> = {
  401: "unauthorized",
  403: "unauthorized",
  404: "not_found",
  410: "not_found",
};
/** Too early, too many, too slow: the same request is welcome later. */
const LATER = new Set([408, 425, 429]);

/** The verdict of an answer by its status alone. `now` in epoch ms, for a `Retry-After` date. */
export function verdictOfAnswer(answer: HttpAnswer, now: number): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "delivered", status };
  if (LATER.has(status)) return retry(answer, "rate_limited", now);
  if (status >= 500 && status < 600) return retry(answer, "server_error", now);
  if (status >= 300 && status < 400) return reject(answer, "redirect");
  if (status >= 400 && status < 500)
    return reject(answer, REJECTIONS[status] ?? "rejected_by_peer");
  return retry(answer, "unexpected_answer", now);
}

/** A retry because of an answer; `detail` where the peer's own words are known better. */
export function retry(
  answer: HttpAnswer,
  reason: RetryReason,
  now: number,
  detail = excerptOf(answer.body),
): Verdict {
  const after = readRetryAfter(answer.headers["retry-after"], now);
  const { status } = answer;
  return { kind: "retry", reason, error: describe(status, detail), status, after };
}

/** A rejection because of an answer; `detail` where the peer's own words are known better. */
export function reject(
  answer: HttpAnswer,
  reason: RejectReason,
  detail = excerptOf(answer.body),
): Verdict {
  const { status } = answer;
  return { kind: "reject", reason, error: describe(status, detail), status };
}

/**
 * The verdict of what `Http.request` threw: a retry with its reason, or a rejection by the egress
 * guard or because the request cannot be made. Throws everything else again: that is a bug.
 */
export function verdictOfError(error: unknown): Verdict {
  if (!(error instanceof TocsinError)) throw error;
  const text = error.hint === undefined ? error.message : `${error.message} — ${error.hint}`;
  if (error.code === "REQUEST_FAILED")
    return { kind: "retry", reason: reasonOf(error), error: text };
  if (error.code === "EGRESS_REFUSED")
    return { kind: "reject", reason: "egress_refused", error: text };
  if (error.code === "REQUEST_INVALID")
    return { kind: "reject", reason: "render_failed", error: text };
  throw error;
}

function reasonOf(error: TocsinError): RetryReason {
  return RETRY_REASONS.find((reason) => reason === error.data?.["reason"]) ?? "io_error";
}

/**
 * How long a `Retry-After` header asks to wait, in ms, at most a day: seconds or an HTTP date
 * (RFC 9110 §10.2.3). Undefined when there is none or it is neither; a date in the past is 0.
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, MAX_WAIT);
  // Date.parse reads almost anything; an HTTP date begins with a day and a comma.
  const date = /^[A-Z][a-z]+, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(date - now, 0), MAX_WAIT);
}

/** At most 200 characters of what a peer said, in one line without markup; what is hidden shows as such. */
export function excerptOf(body: string): string {
  const text = body
    .slice(0, 4096)
    .replace(/<(style|script)[^>]*>[\s\S]*?<\/\1>/gi, " ")
    .replace(/<\/?(?!secret>)[a-z!][^>]*>/gi, " ");
  const line = oneLine(text).replace(/\s+/g, " ").trim();
  return line.length <= MAX_EXCERPT ? line : `${line.slice(0, MAX_EXCERPT - 1).trimEnd()}…`;
}

function describe(status: number, detail: string): string {
  return detail === "" ? `HTTP ${status}` : `HTTP ${status}: ${detail}`;
}
