import { z } from "zod";
import {
  QUARANTINE_STATES,
  quarantinedDetailSchema,
  quarantineListSchema,
} from "../../ledger/quarantine.ts";
import type { Api, ApiDependencies } from "./dependencies.ts";
import { idParameters, pageParameters, PROBLEMS } from "./parameters.ts";

const quarantineParameters = z.strictObject({
  ...pageParameters,
  state: z.enum(QUARANTINE_STATES).default("open"),
  source: z.string().optional(),
});

const repairedBody = z
  .strictObject({
    text: z.string().optional().describe("What to read instead of what was kept, as text."),
    bytes: z.base64().optional().describe("The same as bytes."),
  })
  .refine((body) => body.text === undefined || body.bytes === undefined, {
    message: "give text or bytes, not both",
  })
  .nullish();

const replayedSchema = z
  .object({ accepted: z.number().int(), duplicates: z.number().int() })
  .meta({ id: "Replayed" });

/** The quarantine, and replaying from it. */
export function addQuarantineRoutes(api: Api, { ledger, commands }: ApiDependencies): void {
  api.get("/quarantine", {
    config: { scope: "read" },
    schema: {
      operationId: "listQuarantine",
      summary: "List what could not be understood",
      tags: ["quarantine"],
      querystring: quarantineParameters,
      response: { 200: quarantineListSchema, ...PROBLEMS },
    },
    handler: async ({ query }) => ledger.listQuarantine(query),
  });
  api.get("/quarantine/:id", {
    config: { scope: "read" },
    schema: {
      operationId: "getQuarantined",
      summary: "One item with its bytes and the headers it came with",
      tags: ["quarantine"],
      params: idParameters,
      response: { 200: quarantinedDetailSchema, ...PROBLEMS },
    },
    handler: async ({ params }) => ledger.getQuarantined(params.id),
  });
  api.post("/quarantine/:id/replay", {
    config: { scope: "write" },
    schema: {
      operationId: "replayQuarantined",
      summary: "Read an item again, as it is or repaired",
      tags: ["quarantine"],
      params: idParameters,
      body: repairedBody,
      response: { 200: replayedSchema, ...PROBLEMS },
    },
    handler: async ({ params, body }) => commands.replayQuarantine(params.id, repairedBytes(body)),
  });
}

function repairedBytes(body: z.infer<typeof repairedBody>): Uint8Array | undefined {
  if (body?.text !== undefined) return Buffer.from(body.text);
  return body?.bytes === undefined ? undefined : Buffer.from(body.bytes, "base64");
}
