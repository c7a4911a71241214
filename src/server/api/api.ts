/** The HTTP API under `/api/v1`: one file of routes for each noun, described from their schemas. */
import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import {
  createJsonSchemaTransform,
  jsonSchemaTransformObject,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { fail } from "../../errors.ts";
import { addAlertChanges } from "./alert-changes.ts";
import { addAlertRoutes } from "./alerts.ts";
import { addAuditRoutes } from "./audit.ts";
import { addCaseRoutes } from "./cases.ts";
import { addConfigurationRoutes } from "./configuration.ts";
import { addDeliveryRoutes } from "./deliveries.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { answerError } from "./errors.ts";
import { addKeyRoutes } from "./keys.ts";
import { addPolicyRoutes } from "./policies.ts";
import { addQuarantineRoutes } from "./quarantine.ts";
import { addSilenceRoutes } from "./silences.ts";

export type { ApiDependencies } from "./dependencies.ts";

const PREFIX = "/api/v1";

/** Registers the API on a server that does not listen yet. */
export async function registerApi(
  app: FastifyInstance,
  dependencies: ApiDependencies,
): Promise<void> {
  await app.register(
    async (scope) => {
      scope.setValidatorCompiler(validatorCompiler);
      // Answers are written as they are: what is stored must stay readable even where a schema has
      // moved on since. That they fit their schemas is for the tests to show.
      scope.setSerializerCompiler(() => (answer: unknown) => JSON.stringify(answer));
      scope.setErrorHandler(answerError);
      guard(scope, dependencies);
      await describe(scope);
      const api: Api = scope.withTypeProvider<ZodTypeProvider>();
      for (const add of NOUNS) add(api, dependencies);
      api.get("/openapi.json", {
        config: { scope: "none" },
        schema: { hide: true },
        handler: async () => scope.swagger(),
      });
    },
    { prefix: PREFIX },
  );
}

const NOUNS = [
  addAlertRoutes,
  addAlertChanges,
  addCaseRoutes,
  addSilenceRoutes,
  addPolicyRoutes,
  addDeliveryRoutes,
  addQuarantineRoutes,
  addAuditRoutes,
  addConfigurationRoutes,
  addKeyRoutes,
];

/** Every route names the scope it asks for; one that forgot is refused to all. */
function guard(scope: FastifyInstance, { authorise }: ApiDependencies): void {
  scope.decorateRequest("who", "");
  scope.addHook("onRequest", async (request) => {
    const wanted = request.routeOptions.config.scope;
    if (wanted === "none") return;
    if (wanted === undefined) {
      throw fail("INTERNAL", {
        component: "api",
        message: `the route ${request.routeOptions.url ?? ""} names no scope`,
      });
    }
    request.who = authorise(request, wanted);
  });
}

async function describe(scope: FastifyInstance): Promise<void> {
  await scope.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Tocsin",
        version: "1",
        description: "Alerts, where they went and why, and the proof that none was lost.",
      },
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "A key: tcs_<id>_<secret>." },
          basic: { type: "http", scheme: "basic", description: "The key is the password." },
        },
      },
      security: [{ bearer: [] }, { basic: [] }],
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig: { target: "draft-2020-12" } }),
    transformObject: (given) => withoutInputs(jsonSchemaTransformObject(given)),
  });
}

type Described = ReturnType<typeof jsonSchemaTransformObject>;

/** The named schemas are all of answers; their second form, as something to be sent, is of no use. */
function withoutInputs(described: Described): Described {
  if (!("components" in described) || !described.components?.schemas) return described;
  const named = Object.entries(described.components.schemas);
  const schemas = Object.fromEntries(named.filter(([name]) => !name.endsWith("Input")));
  return { ...described, components: { ...described.components, schemas } } as Described;
}
