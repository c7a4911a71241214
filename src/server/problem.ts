/** Errors as `application/problem+json` (RFC 9457), with the string `message` that Kibana shows. */
import type { FastifyReply } from "fastify";
import { TocsinError, messageOf } from "../errors.ts";

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The same as `detail`: Kibana copies this member into the rule's execution log. */
  readonly message: string;
  readonly code: string;
  readonly hint?: string;
  readonly request_id: string;
  readonly [extension: string]: unknown;
}

/** The problem for anything thrown. What is not of the catalogue says nothing of its inside. */
export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof TocsinError) return ofCatalogue(error, requestId);
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  const message = status < 500 ? messageOf(error) : "an internal error; the log has the details";
  const code = status < 500 ? "REQUEST_INVALID" : "INTERNAL";
  return {
    type: "about:blank",
    title: code,
    status,
    detail: message,
    message,
    code,
    request_id: requestId,
  };
}

function ofCatalogue(error: TocsinError, requestId: string): Problem {
  const { code, status, message, hint, data } = error;
  return {
    ...data,
    type: "about:blank",
    title: code,
    status,
    detail: message,
    message,
    code,
    ...(hint === undefined ? {} : { hint }),
    request_id: requestId,
  };
}

function withStatus(problem: Problem, status = problem.status): Problem {
  return { ...problem, status };
}

/**
 * Answers with an error as `application/problem+json`, and the headers that go with it; with another
 * status than the error's own where `status` says so.
 */
export function sendProblem(
  reply: FastifyReply,
  error: unknown,
  requestId: string,
  status?: number,
): FastifyReply {
  const problem = withStatus(problemOf(error, requestId), status);
  const retryAfter = problem["retry_after"];
  if (typeof retryAfter === "number") reply.header("retry-after", String(retryAfter));
  if (problem.status === 401) reply.header("www-authenticate", 'Bearer realm="tocsin"');
  return reply
    .code(problem.status)
    .type("application/problem+json")
    .serializer((value: unknown) => JSON.stringify(value))
    .send(problem);
}
