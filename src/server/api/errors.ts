/** Errors of the API's routes on their way out. */
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { fail } from "../../errors.ts";
import { sendProblem } from "../problem.ts";

/** Answers any error; what the schemas found wrong is named part by part. */
export function answerError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  return sendProblem(reply, error.validation ? invalidRequest(error) : error, request.id);
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
