/** Splunk's webhook alert action, Enterprise Security notables included. */
import { z } from "zod";
import { defineSource } from "../source.ts";
import { decodeSplunk } from "./decode.ts";
import { normaliseSplunk } from "./normalise.ts";

const config = z.strictObject({});

export const splunkSource = defineSource({
  kind: "splunk",
  vendor: "Splunk",
  summary: "Alerts of Splunk saved searches and Enterprise Security notables, by webhook action.",
  config,
  decode: decodeSplunk,
  normalise: normaliseSplunk,
});
