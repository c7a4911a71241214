import { z } from "zod";
import { STATUSES } from "../../alert/schema.ts";
import { SEVERITIES } from "../../alert/severity.ts";
import { alertDetailSchema } from "../../ledger/alert.ts";
import { alertListSchema, ROUTINGS } from "../../ledger/alerts.ts";
import { eventSchema } from "../../ledger/events.ts";
import { explanationSchema } from "../../ledger/explain.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { idParameters, pageParameters, PROBLEMS, readTime, timeParameter } from "./parameters.ts";

const alertParameters = z.strictObject({
  ...pageParameters,
  q: z.string().optional().describe("KQL, as in `severity >= high and host.name: web-*`."),
  severity: z.enum(SEVERITIES).optional(),
  status: z.enum(STATUSES).optional(),
  source: z.string().optional(),
  case: z.string().optional().describe("Number of a case, like `CASE-000012`."),
  routing: z.enum(ROUTINGS).optional(),
  since: timeParameter,
  until: timeParameter,
});

/** Alerts, why they went where they did, and the events behind them. */
export function addAlertRoutes(api: Api, { ledger, now }: ApiDependencies): void {
  api.get("/alerts", {
    config: { scope: "read" },
    schema: {
      operationId: "listAlerts",
      summary: "List alerts",
      tags: ["alerts"],
      querystring: alertParameters,
      response: { 200: alertListSchema, ...PROBLEMS },
    },
    handler: async ({ query }) => {
      const [since, until] = [readTime(query.since, now()), readTime(query.until, now())];
      return ledger.listAlerts({ ...query, since, until });
    },
  });
  api.get("/alerts/:id", {
    config: { scope: "read" },
    schema: {
      operationId: "getAlert",
      summary: "One alert by id or number, with its document, trace, deliveries and events",
      tags: ["alerts"],
      params: idParameters,
      response: { 200: alertDetailSchema, ...PROBLEMS },
    },
    handler: async ({ params }) => ledger.getAlert(params.id),
  });
  api.get("/alerts/:id/explain", {
    config: { scope: "read" },
    schema: {
      operationId: "explainAlert",
      summary: "How an alert was decided, stage by stage, where it went, and what is still to come",
      tags: ["alerts"],
      params: idParameters,
      response: { 200: explanationSchema, ...PROBLEMS },
    },
    handler: async ({ params }) => ledger.explain(params.id),
  });
  api.get("/events/:id", {
    config: { scope: "read" },
    schema: {
      operationId: "getEvent",
      summary: "What became of an event",
      tags: ["alerts"],
      params: idParameters,
      response: { 200: eventSchema, ...PROBLEMS },
    },
    handler: async ({ params }) => ledger.getEvent(params.id),
  });
}
