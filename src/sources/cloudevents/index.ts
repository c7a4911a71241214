/** CloudEvents in JSON, one by one or in batches (the HTTP binding's structured and batched modes). */
import { z } from "zod";
import { payloadSettings } from "../generic/settings.ts";
import { defineSource } from "../source.ts";
import { decodeCloudEvent } from "./decode.ts";
import { normaliseCloudEvent } from "./normalise.ts";

const config = z.strictObject(payloadSettings);
export type CloudEventsConfig = z.infer<typeof config>;

export const cloudeventsSource = defineSource({
  kind: "cloudevents",
  vendor: "CloudEvents",
  summary: "CloudEvents 1.0 and 0.3 in JSON, one or a batch; their data read as generic reads it.",
  config,
  decode: (body, { name }) => decodeCloudEvent(body, name),
  normalise: normaliseCloudEvent,
});
