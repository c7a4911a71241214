import { z } from "zod";
import { SILENCE_FILTERS, silenceDetailSchema, silenceListSchema } from "../../ledger/silences.ts";
import { silenceChangeSchema, silenceWishSchema } from "../../silence/wish.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { idParameters, pageParameters, PROBLEMS } from "./parameters.ts";

const silenceParameters = z.strictObject({
  ...pageParameters,
  state: z
    .enum(SILENCE_FILTERS)
    .default("all")
    .describe("`active` holds back now, `scheduled` will again, `ended` is over."),
});

const ANSWERS_SILENCE = { 200: silenceDetailSchema, ...PROBLEMS };

/** Silences, what they hid, and the people's work on them. */
export function addSilenceRoutes(api: Api, dependencies: ApiDependencies): void {
  addSilenceReads(api, dependencies);
  addSilenceChanges(api, dependencies);
}

function addSilenceReads(api: Api, { ledger }: ApiDependencies): void {
  api.get("/silences", {
    config: { scope: "read" },
    schema: {
      operationId: "listSilences",
      summary: "List silences with what each of them hid",
      tags: ["silences"],
      querystring: silenceParameters,
      response: { 200: silenceListSchema, ...PROBLEMS },
    },
    handler: async ({ query }) => ledger.listSilences(query),
  });
  api.get("/silences/:id", {
    config: { scope: "read" },
    schema: {
      operationId: "getSilence",
      summary: "One silence by id, with the alerts that it held back",
      tags: ["silences"],
      params: idParameters,
      response: ANSWERS_SILENCE,
    },
    handler: async ({ params }) => ledger.getSilence(params.id),
  });
}

function addSilenceChanges(api: Api, { ledger, commands }: ApiDependencies): void {
  api.post("/silences", {
    config: { scope: "write" },
    schema: {
      operationId: "addSilence",
      summary: "Hold alerts back for a time, or again and again",
      tags: ["silences"],
      body: silenceWishSchema,
      response: { 201: silenceDetailSchema, ...PROBLEMS },
    },
    handler: async ({ body, who }, reply) => {
      const { id } = await commands.change("silence.add", { wish: body }, who);
      return reply.code(201).send(await ledger.getSilence(id));
    },
  });
  api.patch("/silences/:id", {
    config: { scope: "write" },
    schema: {
      operationId: "changeSilence",
      summary: "Change a silence; what is left out stays",
      tags: ["silences"],
      params: idParameters,
      body: silenceChangeSchema,
      response: ANSWERS_SILENCE,
    },
    handler: async ({ params, body, who }) => {
      const asked = { silence: params.id, change: body };
      const { id } = await commands.change("silence.change", asked, who);
      return ledger.getSilence(id);
    },
  });
  api.post("/silences/:id/end", {
    config: { scope: "write" },
    schema: {
      operationId: "endSilence",
      summary: "End a silence now",
      tags: ["silences"],
      params: idParameters,
      response: ANSWERS_SILENCE,
    },
    handler: async ({ params, who }) => {
      const { id } = await commands.change("silence.end", { silence: params.id }, who);
      return ledger.getSilence(id);
    },
  });
}
