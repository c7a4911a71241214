import { z } from "zod";
import { normaliseElastic } from "../../elastic/alert.ts";
import { openDocument } from "../../elastic/document.ts";
import { defineSource } from "../source.ts";
import { decodeElastic } from "./decode.ts";

const config = z.strictObject({});

/** Alert documents and search hits, as Elasticsearch holds and returns them. */
export const elasticSource = defineSource({
  kind: "elastic",
  vendor: "Elastic",
  summary: "Elastic alert documents: kibana.alert.* in every shape, legacy signals, search hits.",
  config,
  decode: decodeElastic,
  normalise: ({ document, repaired }, { name, kind }) => ({
    alert: normaliseElastic(openDocument(document), {
      name,
      kind,
      product: "Elasticsearch",
      repaired,
    }),
  }),
});
