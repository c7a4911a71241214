import { z } from "zod";
import { VERDICTS } from "../../alert/schema.ts";
import { alertDetailSchema } from "../../ledger/alert.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { idParameters, PROBLEMS } from "./parameters.ts";

const comment = z.string().max(20_000).optional().describe("Kept with what was done to the alert.");
const commentBody = z.strictObject({ comment }).nullish();
const closeBody = z.strictObject({ verdict: z.enum(VERDICTS), comment });

const ANSWERS_ALERT = { 200: alertDetailSchema, ...PROBLEMS };

/** What people make of an alert. */
export function addAlertChanges(api: Api, { ledger, commands }: ApiDependencies): void {
  api.post("/alerts/:id/acknowledge", {
    config: { scope: "write" },
    schema: {
      operationId: "acknowledgeAlert",
      summary: "Say that somebody looks at an alert: it is not reminded of any more",
      tags: ["alerts"],
      params: idParameters,
      body: commentBody,
      response: ANSWERS_ALERT,
    },
    handler: async ({ params: { id }, body, who }) => {
      const asked = { names: [id], status: "acknowledged", comment: body?.comment } as const;
      await commands.change("alerts", asked, who);
      return ledger.getAlert(id);
    },
  });
  api.post("/alerts/:id/close", {
    config: { scope: "write" },
    schema: {
      operationId: "closeAlert",
      summary: "Close an alert, and say what it was found to be",
      tags: ["alerts"],
      params: idParameters,
      body: closeBody,
      response: ANSWERS_ALERT,
    },
    handler: async ({ params: { id }, body, who }) => {
      await commands.change("alerts", { names: [id], status: "closed", ...body }, who);
      return ledger.getAlert(id);
    },
  });
  api.post("/alerts/:id/reopen", {
    config: { scope: "write" },
    schema: {
      operationId: "reopenAlert",
      summary: "Take a closed alert up again, without its verdict",
      tags: ["alerts"],
      params: idParameters,
      body: commentBody,
      response: ANSWERS_ALERT,
    },
    handler: async ({ params: { id }, body, who }) => {
      const asked = { names: [id], status: "new", comment: body?.comment } as const;
      await commands.change("alerts", asked, who);
      return ledger.getAlert(id);
    },
  });
}
