import { z } from "zod";
import { REJECT_REASONS, RETRY_REASONS } from "../../destinations/destination.ts";
import { listSchema } from "../../ledger/page.ts";
import { originSchema, type Policy } from "../../ledger/policies.ts";
import { TELLING_KINDS } from "../../pipeline/outcome.ts";
import { feedStatusSchema } from "../../polling/status.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { nameParameters, PROBLEMS } from "./parameters.ts";

const sourceSchema = z
  .object({
    name: z.string(),
    kind: z.string(),
    vendor: z.string(),
    summary: z.string(),
    listen: z.string().nullable().describe("Its own listener, where it has one."),
    feed: feedStatusSchema.nullable().describe("How reading goes; null for one that is sent to."),
  })
  .meta({ id: "Source" });

const destinationSchema = z
  .object({
    name: z.string(),
    kind: z.string(),
    summary: z.string(),
    repeat: z
      .object({
        kind: z.enum(["recognised", "marked", "shown"]),
        by: z.string().nullable(),
        retry: z.string(),
      })
      .describe("What becomes of a message that is sent again."),
    concurrency: z.number().int(),
  })
  .meta({ id: "Destination" });

const routeSchema = z
  .object({
    name: z.string(),
    origin: originSchema,
    match: z.string().default("*").describe("KQL."),
    to: z.array(z.string()).default([]),
    continue: z.boolean().default(false),
    shadow: z.boolean().default(false),
    default: z.boolean().default(false),
  })
  .meta({ id: "Route" });

const error = z.string();
const status = z.number().int().optional();
const verdictSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("delivered"),
    status,
    remember: z.string().optional(),
    reference: z.string().optional(),
  }),
  z.object({
    kind: z.literal("retry"),
    reason: z.enum(RETRY_REASONS),
    error,
    status,
    after: z.number().optional().describe("Milliseconds the peer asked to wait."),
  }),
  z.object({ kind: z.literal("reject"), reason: z.enum(REJECT_REASONS), error, status }),
]);
const testedSchema = z
  .object({
    verdict: verdictSchema,
    exchanges: z
      .array(z.object({ request: z.string(), answer: z.string() }))
      .describe("What was sent and answered, secrets masked."),
  })
  .meta({ id: "TestedDestination" });

/** What is configured, without its secrets; and testing a destination. */
export function addConfigurationRoutes(api: Api, dependencies: ApiDependencies): void {
  const { configuration, commands, ledger, feedOf } = dependencies;
  addRender(api, dependencies);
  api.get("/sources", {
    config: { scope: "read" },
    schema: {
      operationId: "listSources",
      summary: "List the configured sources",
      tags: ["configuration"],
      response: { 200: listSchema("SourceList", sourceSchema), ...PROBLEMS },
    },
    handler: async () =>
      whole([...configuration.sources.values()].map((source) => toSource(source, feedOf))),
  });
  api.get("/destinations", {
    config: { scope: "read" },
    schema: {
      operationId: "listDestinations",
      summary: "List the configured destinations",
      tags: ["configuration"],
      response: { 200: listSchema("DestinationList", destinationSchema), ...PROBLEMS },
    },
    handler: async () => whole([...configuration.destinations.values()].map(toDestination)),
  });
  api.get("/routes", {
    config: { scope: "read" },
    schema: {
      operationId: "listRoutes",
      summary: "List the routes, in the order in which they are tried",
      tags: ["configuration"],
      response: { 200: listSchema("RouteList", routeSchema), ...PROBLEMS },
    },
    handler: async () => {
      const { items } = await ledger.listPolicies();
      return whole([...items.filter(isStoredRoute).map(toRoute), ...routesOf(configuration)]);
    },
  });
  api.post("/destinations/:name/test", {
    config: { scope: "write" },
    schema: {
      operationId: "testDestination",
      summary: "Send a marked test message",
      tags: ["configuration"],
      params: nameParameters,
      response: { 200: testedSchema, ...PROBLEMS },
    },
    handler: async ({ params }) => {
      const { verdict, exchanges } = await commands.testDestination(params.name);
      return { verdict, exchanges: [...exchanges] };
    },
  });
}

const renderParameters = z.strictObject({
  alert: z.string().max(200).describe("Number or id of an alert."),
  kind: z.enum(TELLING_KINDS).default("alert"),
});

const renderedSchema = z
  .object({
    destination: z.string(),
    type: z.string().describe("Content type of the text."),
    text: z.string().describe("What would be sent, without secrets."),
  })
  .meta({ id: "RenderedMessage" });

function addRender(api: Api, { commands }: ApiDependencies): void {
  api.get("/destinations/:name/render", {
    config: { scope: "read" },
    schema: {
      operationId: "renderMessage",
      summary: "What a destination would be sent about an alert; nothing is sent",
      tags: ["configuration"],
      params: nameParameters,
      querystring: renderParameters,
      response: { 200: renderedSchema, ...PROBLEMS },
    },
    handler: async ({ params: { name }, query }) => {
      return { destination: name, ...(await commands.render(name, query)) };
    },
  });
}

type View = ApiDependencies["configuration"];
type Values<Named> = Named extends ReadonlyMap<string, infer Value> ? Value : never;

function whole<Item>(items: Item[]): { items: Item[]; next: null } {
  return { items, next: null };
}

function toSource(
  source: Values<View["sources"]>,
  feedOf: ApiDependencies["feedOf"],
): z.infer<typeof sourceSchema> {
  const { name, kind, definition, listen } = source;
  const { vendor, summary } = definition;
  const address = listen && `${listen.host}:${listen.port}`;
  return { name, kind, vendor, summary, listen: address, feed: feedOf(name) };
}

function toDestination(one: Values<View["destinations"]>): z.infer<typeof destinationSchema> {
  const { name, kind, definition, common } = one;
  const { summary, repeat, defaults } = definition;
  const concurrency = common.concurrency ?? defaults.concurrency;
  return { name, kind, summary, repeat, concurrency };
}

function isStoredRoute({ kind, origin }: Policy): boolean {
  return kind === "routes" && origin === "store";
}

function toRoute({ name, origin, settings }: Policy): z.infer<typeof routeSchema> {
  return routeSchema.parse({ ...settings, name, origin });
}

function routesOf({ routes, operators }: View): z.infer<typeof routeSchema>[] {
  return [...routes, ...(operators ? [operators] : [])].map((route) => ({
    name: route.name,
    origin: "file",
    match: route.match,
    to: [...route.to],
    continue: route.continue,
    shadow: route.shadow,
    default: route.default,
  }));
}
