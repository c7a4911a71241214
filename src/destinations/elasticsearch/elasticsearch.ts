/** Alerts as documents of an Elasticsearch or OpenSearch cluster, in ECS. */
import { z } from "zod";
import { fail } from "../../errors.ts";
import { defineDestination } from "../destination.ts";
import { inspectTarget } from "./inspect.ts";
import { createRender, showOperation, type AlertOperation } from "./render.ts";
import { createSend } from "./send.ts";
import type { Target } from "./target.ts";

// As the cluster checks names, which would otherwise be refused with the first alert.
const name = z
  .string()
  .regex(
    /^(?![-_+.])[^A-Z\\/*?"<>| ,#:]{1,200}$/,
    "not a name — lower case, as logs-soc.alerts-lab",
  );

const settings = z.strictObject({
  cluster: z.string().min(1).describe("Name of the cluster under `clusters`."),
  data_stream: name
    .optional()
    .describe("Data stream to append to; logs-tocsin.alerts-default without index."),
  index: name
    .optional()
    .describe("Instead of a data stream: an index or alias; updates replace their document there."),
});

const config = settings.check(({ value, issues }) => {
  if (value.index === undefined || value.data_stream === undefined) return;
  const message = "give one of data_stream and index";
  issues.push({ code: "custom", input: value, path: ["index"], message });
});
export type ElasticsearchConfig = z.infer<typeof config>;

const ID = "https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-id-field";
const HTTP =
  "https://www.elastic.co/docs/reference/elasticsearch/configuration-reference/networking-settings";

export const elasticsearch = defineDestination<ElasticsearchConfig, AlertOperation>({
  kind: "elasticsearch",
  summary: "ECS documents in a data stream or index of Elasticsearch or OpenSearch",
  canUpdate: () => true,
  repeat: {
    kind: "recognised",
    by: "_id",
    retry:
      "Creates the same _id again, which the cluster refuses as being there; a data stream that began a new index between the tries has it twice.",
  },
  limits: [
    { of: "_id", max: 512, unit: "bytes", beyond: "left out", source: ID },
    { of: "request", max: 100 * 1024 ** 2, unit: "bytes", beyond: "split", source: HTTP },
  ],
  config,
  defaults: { concurrency: 256, statusUpdates: true },
  cluster: ({ cluster }) => cluster,
  create: (options, context) => {
    const { cluster, now } = context;
    if (!cluster) throw noCluster(context.name);
    const target = targetOf(options);
    return {
      render: createRender(target),
      show: (operation) => showOperation(target, operation),
      send: createSend(target, { cluster, now }),
      inspect: ({ install }) => inspectTarget(cluster, target, install),
      close: async () => {},
    };
  },
});

function targetOf({ index, data_stream }: ElasticsearchConfig): Target {
  if (index !== undefined) return { name: index, isStream: false };
  return { name: data_stream ?? "logs-tocsin.alerts-default", isStream: true };
}

function noCluster(destination: string) {
  return fail("CONFIG_INVALID", {
    component: `destination ${destination}`,
    message: "it has no cluster",
    hint: "Name one that stands under `clusters`.",
  });
}
