/** Microsoft Sentinel: incidents and alerts, posted by a playbook, and alerts of Azure Monitor. */
import { z } from "zod";
import { defineSource } from "../source.ts";
import { decodeSentinel } from "./decode.ts";
import { normaliseSentinel } from "./normalise.ts";

const config = z.strictObject({});

export const sentinelSource = defineSource({
  kind: "sentinel",
  vendor: "Microsoft",
  summary: "Incidents and SecurityAlert rows of Microsoft Sentinel, alerts of Azure Monitor.",
  config,
  decode: (body, { name }) => decodeSentinel(body, name),
  normalise: normaliseSentinel,
});
