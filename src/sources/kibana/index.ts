import { z } from "zod";
import { defineSource } from "../source.ts";
import { decodeKibana } from "./decode.ts";
import { normaliseKibana } from "./normalise.ts";

const config = z.strictObject({});

/** The bodies of Kibana's webhook and index connectors, whatever template wrote them. */
export const kibanaSource = defineSource({
  kind: "kibana",
  vendor: "Elastic",
  summary: "Kibana rule actions: query hits, detection alerts, summaries, per-alert messages.",
  config,
  decode: decodeKibana,
  normalise: normaliseKibana,
});
