/** Errors of the API's routes on their way out. */
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { fail } from "../../errors.ts";
import { problemOf } from "../problem.ts";

/** Answers any error as `application/problem+json`. */
export function sendProblem(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemOf(error.validation ? invalidRequest(error) : error, request.id);
  const retryAfter = problem["retry_after"];
  if (typeof retryAfter === "number") reply.header("retry-after", String(retryAfter));
  if (problem.status === 401) reply.header("www-authenticate", 'Bearer realm="tocsin"');
  return reply
    .code(problem.status)
    .type("application/problem+json")
    .serializer((value: unknown) => JSON.stringify(value))
    .send(problem);
}

/** Says part by part what the schema found; the first part is the message. */
function invalidRequest({ validation = [], validationContext }: FastifyError): Error {
  const part = validationContext === "querystring" ? "query" : (validationContext ?? "request");
  const errors = validation.map(({ instancePath, message }) => ({
    path: [part, ...instancePath.split("/").filter((name) => name !== "")].join("."),
    message: message ?? "is not valid",
  }));
  const [first] = errors;
  return fail("REQUEST_INVALID", {
    component: "api",
    message: first ? `${first.path}: ${first.message}` : "the request is not valid",
    hint: "What the route takes is described at /api/v1/openapi.json.",
    data: { errors },
  });
}
