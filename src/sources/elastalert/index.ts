/** ElastAlert 2 (and ElastAlert) by its alerters `post` and `post2`. */
import { z } from "zod";
import { severityMap } from "../readings.ts";
import { defineSource } from "../source.ts";
import { decodeElastalert } from "./decode.ts";
import { normaliseElastalert } from "./normalise.ts";

const config = z.strictObject({
  rule_field: z
    .string()
    .min(1)
    .default("rule_name")
    .describe("Member of the body with the rule's name; put it there as static payload."),
  severity_map: severityMap,
});
export type ElastalertConfig = z.output<typeof config>;

export const elastalertSource = defineSource({
  kind: "elastalert",
  vendor: "ElastAlert",
  summary: "Matches of ElastAlert rules, by its alerters post and post2.",
  config,
  decode: decodeElastalert,
  normalise: normaliseElastalert,
});
