/** Wazuh by an integration script of integratord. */
import { z } from "zod";
import { severityMap } from "../readings.ts";
import { defineSource } from "../source.ts";
import { decodeWazuh } from "./decode.ts";
import { normaliseWazuh } from "./normalise.ts";

const config = z.strictObject({ severity_map: severityMap });
export type WazuhConfig = z.output<typeof config>;

export const wazuhSource = defineSource({
  kind: "wazuh",
  vendor: "Wazuh",
  summary: "Alerts of a Wazuh manager, as its integration script posts them.",
  config,
  decode: (body, { name }) => decodeWazuh(body, name),
  normalise: normaliseWazuh,
});
