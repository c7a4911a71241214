/** What keeps the server running asks for: is it alive, is it ready, how does it do. */
import type { FastifyInstance, FastifyRequest } from "fastify";

export interface OperationsParts {
  /** Null when it is ready, else why it is not. */
  notReady(): string | null;
  metrics(): Promise<string>;
  /** Throws when the request may not read. */
  authorise(request: FastifyRequest): void;
}

/** Registers `/healthz`, `/readyz` and `/metrics`. */
export function registerOperations(app: FastifyInstance, parts: OperationsParts): void {
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async (_, reply) => {
    const reason = parts.notReady();
    if (reason === null) return { status: "ready" };
    return reply.code(503).send({ status: "not_ready", reason });
  });
  app.get("/metrics", async (request, reply) => {
    parts.authorise(request);
    return reply.type("text/plain; version=0.0.4; charset=utf-8").send(await parts.metrics());
  });
}
