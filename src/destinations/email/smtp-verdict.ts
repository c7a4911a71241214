/** What the failure of a mail means for its delivery. */
import { TocsinError } from "../../errors.ts";
import type { Verdict } from "../destination.ts";
import { excerptOf, verdictOfError } from "../http-verdict.ts";

/** The parts of nodemailer's errors that are looked at. */
interface MailError {
  /** Which step failed: `EAUTH`, `EENVELOPE`; `originalCode` is that of the system behind it. */
  readonly code?: string | undefined;
  readonly originalCode?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
  readonly message: string;
}

/** A reply of the server: three digits and its own words. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

/** The server asks for credentials, or does not accept them (RFC 4954 §6). */
const UNAUTHORIZED = new Set([530, 534, 535, 538]);
/** Steps before the server has heard of the mail: what it refuses there is the connection. */
const BEFORE_MAIL = new Set(["ECONNECTION", "EPROTOCOL"]);

/** Codes of nodemailer for failures without a reply, in the words of Node. */
const SYSTEM_CODES: Readonly<Record<string, string>> = {
  ECONNECTION: "ECONNRESET",
  ESOCKET: "ECONNRESET",
  ETLS: "EPROTO",
};

const HINTS = {
  unauthorized:
    "check user and password, and whether the server wants another user for this sender",
  starttls: "the server does not change to TLS: check the port, or set security to tls or none",
} as const;

/**
 * The verdict of what nodemailer threw: replies 4xx are retried and 5xx are not (RFC 5321 §4.2.1), a
 * connection that failed is retried. `explain` says why a connection failed; `hide` takes secrets out
 * of what the server said. Throws everything else again: that is a bug.
 */
export function verdictOfFailure(
  error: unknown,
  explain: (cause: unknown) => Error,
  hide: (text: string) => string,
): Verdict {
  if (error instanceof TocsinError) return verdictOfError(error);
  if (!isMailError(error)) throw error;
  const { code = "", responseCode, response } = error;
  const reply = responseCode && { code: responseCode, text: hide(response ?? "") };
  if (code === "ETLS" && reply) return retryTls(reply);
  if (code === "EAUTH" && !reply) return refuse("unauthorized", hide(error.message));
  if ((code === "EENVELOPE" || code === "EMESSAGE") && !reply)
    return { kind: "reject", reason: "rejected_by_peer", error: hide(error.message) };
  if (!reply) return verdictOfError(explain(systemError(error)));
  if (BEFORE_MAIL.has(code) && reply.code >= 500 && !UNAUTHORIZED.has(reply.code))
    return { kind: "retry", reason: "server_error", error: printReply(reply), status: reply.code };
  return verdictOfReply(reply, code === "EAUTH");
}

/** The verdict of a reply that is not what was hoped for. */
function verdictOfReply(reply: Reply, isLogin = false): Verdict {
  const { code: status } = reply;
  const error = printReply(reply);
  if (status >= 400 && status < 500)
    return { kind: "retry", reason: "server_error", error, status };
  if (status < 500 || status > 599)
    return { kind: "retry", reason: "unexpected_answer", error, status };
  if (isLogin || UNAUTHORIZED.has(status)) return refuse("unauthorized", error, status);
  return { kind: "reject", reason: "rejected_by_peer", error, status };
}

/** `SMTP 550: 5.1.1 no such user`. */
export function printReply({ code, text }: Reply): string {
  const words = excerptOf(text.replace(/^\d{3}[ -]?/, ""));
  return words === "" ? `SMTP ${code}` : `SMTP ${code}: ${words}`;
}

function refuse(reason: "unauthorized", error: string, status?: number): Verdict {
  return { kind: "reject", reason, error: `${error} — ${HINTS.unauthorized}`, status };
}

/** Never a reason to go on without TLS, nor to give up: somebody on the way may have taken it out. */
function retryTls(reply: Reply): Verdict {
  const error = `${printReply(reply)} — ${HINTS.starttls}`;
  return { kind: "retry", reason: "tls", error, status: reply.code };
}

function isMailError(error: unknown): error is Error & MailError {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

function systemError({ code = "", originalCode, message }: MailError): Error {
  const known = originalCode ?? SYSTEM_CODES[code] ?? code;
  return Object.assign(new RangeError(message), { code: known });
}
