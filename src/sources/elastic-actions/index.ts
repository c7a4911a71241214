import { z } from "zod";
import { openIndexFeed } from "../index-feed/index.ts";
import type { IndexFeedSettings } from "../index-feed/settings.ts";
import { indexName, indexSettings } from "../index-settings.ts";
import { normaliseAction } from "../kibana-action/normalise.ts";
import { defineSource } from "../source.ts";
import { decodeActionDocument } from "./decode.ts";

const config = z.strictObject({
  ...indexSettings,
  index: indexName().default("siem-alert").describe("What the index connector writes to."),
  consume: z
    .enum(["keep", "delete"])
    .default("keep")
    .describe("`delete` removes a document once its events are stored."),
});

/** The documents that Kibana's index connector writes when a rule acts. */
export const elasticActionsSource = defineSource({
  kind: "elastic-actions",
  vendor: "Elastic",
  summary: "The index that Kibana's index connector writes to: a document for each rule action.",
  config,
  open: (settings, context) => openIndexFeed(feedSettings(settings), context),
  decode: decodeActionDocument,
  normalise: normaliseAction,
});

/** What is read for these settings. Documents without a time are there too: nobody has to write one. */
export function feedSettings(settings: z.output<typeof config>): IndexFeedSettings {
  const { start_time: startTime = null, ...rest } = settings;
  return {
    ...rest,
    startTime,
    timeless: true,
    tracks: [{ name: "created", field: "@timestamp" }],
    filter: [],
    // The documents that a rule found may stand anywhere in the body, and in any form.
    identityFields: null,
  };
}
