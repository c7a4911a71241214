import { z } from "zod";
import { fail } from "../../errors.ts";
import { createdKeySchema, keyRecordSchema, SCOPES } from "../../keys/key.ts";
import { listSchema } from "../../ledger/page.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { idParameters, PROBLEMS } from "./parameters.ts";

const keyBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(z.enum(SCOPES)).min(1),
  sources: z
    .array(z.string().min(1))
    .default([])
    .describe("What `ingest` is bound to; empty for all."),
  expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
});

/** API keys; for administrators alone. */
export function addKeyRoutes(api: Api, { ledger, commands }: ApiDependencies): void {
  api.get("/keys", {
    config: { scope: "admin" },
    schema: {
      operationId: "listKeys",
      summary: "List keys, without their secrets",
      tags: ["keys"],
      response: { 200: listSchema("KeyList", keyRecordSchema), ...PROBLEMS },
    },
    handler: async () => ledger.listKeys(),
  });
  api.post("/keys", {
    config: { scope: "admin" },
    schema: {
      operationId: "createKey",
      summary: "Make a key; its text is shown this once",
      tags: ["keys"],
      body: keyBody,
      response: { 201: createdKeySchema, ...PROBLEMS },
    },
    handler: async ({ body: { expires_at, ...wish } }, reply) => {
      const expiresAt = expires_at === null ? null : Date.parse(expires_at);
      return reply.code(201).send(await commands.createKey({ ...wish, expiresAt }));
    },
  });
  api.delete("/keys/:id", {
    config: { scope: "admin" },
    schema: {
      operationId: "revokeKey",
      summary: "End a key at once",
      tags: ["keys"],
      params: idParameters,
      response: { 204: z.undefined().describe("It has ended."), ...PROBLEMS },
    },
    handler: async ({ params }, reply) => {
      if (!(await commands.revokeKey(params.id))) throw noSuchKey(params.id);
      return reply.code(204).send();
    },
  });
}

function noSuchKey(id: string): Error {
  return fail("NOT_FOUND", {
    component: "api",
    message: `there is no key ${id}, or it has ended before`,
    hint: "The id is the part between the underscores: tcs_<id>_…",
  });
}
