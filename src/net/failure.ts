/** Says in words and in one reason why a request got no answer. */
import { errors } from "undici";
import { fail, messageOf, TocsinError } from "../errors.ts";
import { maskUrl } from "./mask.ts";

/** Why there was no answer; each is also a reason to retry a delivery. */
export type FailureReason =
  | "timeout"
  | "refused"
  | "reset"
  | "dns"
  | "tls"
  | "unexpected_answer"
  | "io_error";

/** Codes of Node's `net`, `dns` and `tls`, of the kernel, and of undici's errors. */
const REASONS: Readonly<Record<string, FailureReason>> = {
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "refused",
  ENETUNREACH: "refused",
  EADDRNOTAVAIL: "refused",
  // A proxy that answers CONNECT with anything but 200.
  UND_ERR_ABORTED: "refused",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  UND_ERR_CLOSED: "reset",
  UND_ERR_DESTROYED: "reset",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EPROTO: "tls",
  CERT_HAS_EXPIRED: "tls",
  CERT_NOT_YET_VALID: "tls",
  CERT_REVOKED: "tls",
  CERT_UNTRUSTED: "tls",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_GET_ISSUER_CERT: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  UND_ERR_PRX_TLS: "tls",
  UND_ERR_HEADERS_OVERFLOW: "unexpected_answer",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "unexpected_answer",
};

const WORDS: Readonly<Record<FailureReason, string>> = {
  timeout: "no answer in time",
  refused: "the connection was refused",
  reset: "the connection broke before the whole answer was there",
  dns: "the host name could not be resolved",
  tls: "the TLS connection failed",
  unexpected_answer: "the answer is not HTTP",
  io_error: "the request could not be made",
};

const HINTS: Readonly<Record<FailureReason, string>> = {
  timeout: "check that the peer is up and reachable, or raise the timeout",
  refused: "check host and port, and that a firewall or proxy lets the connection through",
  reset: "the peer or something on the way closed the connection; it is tried again",
  dns: "check the host name in the URL and the machine's name servers",
  tls: "name the issuer's certificate in tls.ca and check that the URL has the certificate's host",
  unexpected_answer: "check that the port speaks HTTP, and http or https in the URL",
  io_error: "see the cause; often the process is out of sockets or files",
};

/** Which request failed, and whether its deadline passed or its caller gave up. */
export interface FailedRequest {
  readonly component: string;
  readonly method: string;
  readonly url: string;
  readonly aborted: "timeout" | "cancelled" | undefined;
}

/** REQUEST_FAILED with `data.reason`, or the guard's EGRESS_REFUSED as it is. */
export function explainFailure(error: unknown, request: FailedRequest): TocsinError {
  const refusal = findTocsinError(error);
  if (refusal) return refusal;
  const reason = reasonOf(error, request.aborted);
  const words = request.aborted === "cancelled" ? "the request was cancelled" : WORDS[reason];
  const detail = request.aborted ? "" : ` (${detailOf(error)})`;
  return fail("REQUEST_FAILED", {
    component: request.component,
    message: `${request.method} ${maskUrl(request.url)}: ${words}${detail}`,
    hint: HINTS[reason],
    cause: error,
    data: { reason },
  });
}

function reasonOf(error: unknown, aborted: FailedRequest["aborted"]): FailureReason {
  if (aborted) return aborted === "timeout" ? "timeout" : "reset";
  const code = codeOf(error);
  if (code.startsWith("ERR_TLS_") || code.startsWith("ERR_SSL_")) return "tls";
  if (error instanceof errors.HTTPParserError) return "unexpected_answer";
  return REASONS[code] ?? "io_error";
}

/** Several failed addresses make an AggregateError without a message of its own. */
function detailOf(error: unknown): string {
  return messageOf(error) || codeOf(error);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : codeOf(error.cause);
}

function findTocsinError(error: unknown): TocsinError | undefined {
  if (error instanceof TocsinError) return error;
  return error instanceof Error && error.cause ? findTocsinError(error.cause) : undefined;
}
