/** Anything that speaks JSON: fields come from the configuration, else from common names. */
import { z } from "zod";
import { defineSource } from "../source.ts";
import { decodeGeneric } from "./decode.ts";
import { expression } from "./expression.ts";
import { normaliseGeneric } from "./normalise.ts";
import { payloadSettings } from "./settings.ts";

const config = z.strictObject({
  items: z
    .string()
    .min(1)
    .optional()
    .describe("Path of the array that holds the events; without it the body is one event."),
  id: expression.optional().describe("What identifies an event: a path or a Liquid template."),
  stream: expression.optional().describe("The rule that raised it; the rule's name if not said."),
  ...payloadSettings,
});
export type GenericConfig = z.infer<typeof config>;

export const genericSource = defineSource({
  kind: "generic",
  vendor: "Generic",
  summary: "Any JSON webhook: alert fields from paths or Liquid templates, else from common names.",
  config,
  decode: decodeGeneric,
  normalise: normaliseGeneric,
});
