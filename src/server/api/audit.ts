import { z } from "zod";
import { auditSchema } from "../../ledger/audit.ts";
import { statsSchema } from "../../ledger/stats.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { PROBLEMS, readTime, timeParameter } from "./parameters.ts";

/** The proof, and the figures. */
export function addAuditRoutes(api: Api, { ledger, commands, now }: ApiDependencies): void {
  api.get("/audit", {
    config: { scope: "read" },
    schema: {
      operationId: "audit",
      summary: "Check that everything that was received is accounted for",
      tags: ["audit"],
      querystring: z.strictObject({ since: timeParameter }),
      response: { 200: auditSchema, ...PROBLEMS },
    },
    handler: async ({ query }) => commands.audit(readTime(query.since, now()) ?? null),
  });
  api.get("/stats", {
    config: { scope: "read" },
    schema: {
      operationId: "getStats",
      summary: "What waits, and what there is",
      tags: ["audit"],
      response: { 200: statsSchema, ...PROBLEMS },
    },
    handler: async () => ledger.stats(),
  });
}
