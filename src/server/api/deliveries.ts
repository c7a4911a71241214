import { z } from "zod";
import { fail } from "../../errors.ts";
import { deliveryDetailSchema, deliveryListSchema } from "../../ledger/deliveries.ts";
import { DELIVERY_STATES } from "../../pipeline/outcome.ts";
import type { Selection } from "../../store/selection.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import {
  numberParameters,
  pageParameters,
  PROBLEMS,
  readTime,
  timeParameter,
} from "./parameters.ts";

const deadParameters = z.strictObject({
  ...pageParameters,
  destination: z.string().optional(),
  alert: z.string().optional().describe("Id or number of an alert."),
});
const deliveryParameters = deadParameters.extend({ state: z.enum(DELIVERY_STATES).optional() });

const replayBody = z
  .strictObject({
    ids: z.array(z.number().int().min(1)).min(1).max(10_000).optional(),
    destination: z.string().optional(),
    all: z.literal(true).optional(),
    since: timeParameter,
    until: timeParameter,
  })
  .refine((body) => [body.ids, body.destination, body.all].filter(Boolean).length === 1, {
    message: "say which: either ids, or destination, or all: true",
  });

const requeuedSchema = z
  .object({ requeued: z.number().int().describe("Deliveries that are pending again.") })
  .meta({ id: "Requeued" });

/** Deliveries, and replaying them. */
export function addDeliveryRoutes(api: Api, dependencies: ApiDependencies): void {
  addDeliveryReads(api, dependencies);
  addReplays(api, dependencies);
}

function addDeliveryReads(api: Api, { ledger }: ApiDependencies): void {
  api.get("/deliveries", {
    config: { scope: "read" },
    schema: {
      operationId: "listDeliveries",
      summary: "List deliveries",
      tags: ["deliveries"],
      querystring: deliveryParameters,
      response: { 200: deliveryListSchema, ...PROBLEMS },
    },
    handler: async ({ query }) => ledger.listDeliveries(query),
  });
  api.get("/deliveries/:id", {
    config: { scope: "read" },
    schema: {
      operationId: "getDelivery",
      summary: "One delivery with its attempts",
      tags: ["deliveries"],
      params: numberParameters,
      response: { 200: deliveryDetailSchema, ...PROBLEMS },
    },
    handler: async ({ params }) => ledger.getDelivery(params.id),
  });
  api.get("/dead", {
    config: { scope: "read" },
    schema: {
      operationId: "listDead",
      summary: "List dead deliveries: those that were refused or given up",
      tags: ["deliveries"],
      querystring: deadParameters,
      response: { 200: deliveryListSchema, ...PROBLEMS },
    },
    handler: async ({ query }) => ledger.listDeliveries({ ...query, state: "dead" }),
  });
}

function addReplays(api: Api, { ledger, commands, now }: ApiDependencies): void {
  api.post("/deliveries/:id/replay", {
    config: { scope: "write" },
    schema: {
      operationId: "replayDelivery",
      summary: "Send one delivery again, with the same key",
      tags: ["deliveries"],
      params: numberParameters,
      response: { 200: requeuedSchema, ...PROBLEMS },
    },
    handler: async ({ params, who }) => {
      const { state } = await ledger.getDelivery(params.id);
      if (state === "pending") throw alreadyPending(params.id);
      return { requeued: await commands.requeue({ ids: [params.id] }, who) };
    },
  });
  api.post("/dead/replay", {
    config: { scope: "write" },
    schema: {
      operationId: "replayDead",
      summary: "Send dead deliveries again",
      tags: ["deliveries"],
      body: replayBody,
      response: { 200: requeuedSchema, ...PROBLEMS },
    },
    handler: async ({ body, who }) => ({
      requeued: await commands.requeue(selectionOf(body, now()), who),
    }),
  });
}

function selectionOf(body: z.infer<typeof replayBody>, now: number): Selection {
  if (body.ids) return { ids: body.ids };
  const [since, until] = [readTime(body.since, now), readTime(body.until, now)];
  return { state: "dead", destination: body.destination, since, until };
}

function alreadyPending(id: number): Error {
  return fail("CONFLICT", {
    component: "api",
    message: `delivery ${id} is pending already`,
    hint: "It is tried again by itself; see due_at.",
  });
}
