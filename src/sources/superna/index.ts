/** Superna Ransomware Defender (Data Security Edition, Eyeglass) by its Zero Trust webhook. */
import { z } from "zod";
import { defineSource } from "../source.ts";
import { decodeSuperna } from "./decode.ts";
import { normaliseSuperna } from "./normalise.ts";

const config = z.strictObject({});

export const supernaSource = defineSource({
  kind: "superna",
  vendor: "Superna",
  summary: "Ransomware Defender events and user activity reports, by Zero Trust webhook.",
  config,
  subjectMember: "id",
  decode: (document, { name }) => decodeSuperna(document, name),
  normalise: normaliseSuperna,
});
