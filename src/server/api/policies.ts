import { z } from "zod";
import { policyListSchema, policySchema, toPolicy } from "../../ledger/policies.ts";
import { POLICY_KINDS } from "../../store/policy.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { PROBLEMS } from "./parameters.ts";

const policyParameters = z.object({ kind: z.enum(POLICY_KINDS), name: z.string().max(200) });

const settingsBody = z
  .record(z.string(), z.unknown())
  .describe("As one would be written in the configuration, without the name.");

/** Policies and routes that are made by hand, beside those of the file. */
export function addPolicyRoutes(api: Api, dependencies: ApiDependencies): void {
  addPolicyList(api, dependencies);
  addPolicyChanges(api, dependencies);
}

function addPolicyList(api: Api, { ledger }: ApiDependencies): void {
  api.get("/policies", {
    config: { scope: "read" },
    schema: {
      operationId: "listPolicies",
      summary: "List policies and routes, of the file and made by hand, in the order of asking",
      tags: ["policies"],
      response: { 200: policyListSchema, ...PROBLEMS },
    },
    handler: async () => ledger.listPolicies(),
  });
}

function addPolicyChanges(api: Api, { commands }: ApiDependencies): void {
  api.put("/policies/:kind/:name", {
    config: { scope: "admin" },
    schema: {
      operationId: "setPolicy",
      summary: "Make a policy or route, or change one that was made by hand; it decides at once",
      tags: ["policies"],
      params: policyParameters,
      body: settingsBody,
      response: { 200: policySchema, ...PROBLEMS },
    },
    handler: async ({ params: { kind, name }, body, who }) => {
      const asked = { kind, name, settings: body };
      return toPolicy(await commands.change("policy.save", asked, who));
    },
  });
  api.delete("/policies/:kind/:name", {
    config: { scope: "admin" },
    schema: {
      operationId: "removePolicy",
      summary: "Remove a policy or route that was made by hand",
      tags: ["policies"],
      params: policyParameters,
      response: { 204: z.undefined().describe("It is gone."), ...PROBLEMS },
    },
    handler: async ({ params: { kind, name }, who }, reply) => {
      await commands.change("policy.remove", { kind, name }, who);
      return reply.code(204).send();
    },
  });
}
