import { z } from "zod";
import { normaliseAction } from "../kibana-action/normalise.ts";
import { defineSource } from "../source.ts";
import { decodeKibana } from "./decode.ts";

const config = z.strictObject({});

/** The bodies of Kibana's webhook connector, whatever template wrote them. */
export const kibanaSource = defineSource({
  kind: "kibana",
  vendor: "Elastic",
  summary: "Kibana rule actions: query hits, detection alerts, summaries, per-alert messages.",
  config,
  decode: decodeKibana,
  normalise: normaliseAction,
});
