/** The HTTP servers: the main one, and one for every source that has a listener of its own. */
import { randomUUID } from "node:crypto";
import { fastify, type FastifyInstance } from "fastify";
import { fail, messageOf } from "../errors.ts";
import type { ListenAddress } from "../config/listen.ts";
import { SECURITY_HEADERS } from "./headers.ts";
import { sendProblem } from "./problem.ts";

/** A request must bring its headers within this; a body may take longer on a slow line. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** A server with what all of ours have in common. It does not listen yet. */
export function createServer(): FastifyInstance {
  const app = fastify({
    logger: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 512 },
    genReqId: () => randomUUID(),
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: "idle",
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    reply.header("x-request-id", request.id);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const error = fail("NOT_FOUND", {
      component: "server",
      message: `there is no ${request.method} ${request.url.split("?")[0] ?? ""}`,
      hint: "The API is described at /api/v1/openapi.json.",
    });
    return sendProblem(reply, error, request.id);
  });
  return app;
}

/** Starts to listen; answers the address as a URL. Throws LISTEN_FAILED. */
export async function listenOn(app: FastifyInstance, address: ListenAddress): Promise<string> {
  try {
    return await app.listen({ host: address.host, port: address.port });
  } catch (cause) {
    throw fail("LISTEN_FAILED", {
      component: "server",
      message: `cannot listen on ${address.host}:${address.port}: ${messageOf(cause)}`,
      hint: "Stop what uses the port, or set another with listen: in the configuration.",
      cause,
    });
  }
}
