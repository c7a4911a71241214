/** Settings that say where the fields of an alert are, for sources whose payload may be anything. */
import { z } from "zod";
import { ARTIFACT_ROLES } from "../../alert/schema.ts";
import { ALERT_FIELDS, type AlertField } from "../alert-fields.ts";
import { MAPPED_TYPES } from "../mapping.ts";
import { severityMap } from "../readings.ts";
import { expression } from "./expression.ts";

const alertFields = Object.fromEntries(
  ALERT_FIELDS.map((field) => [field, expression.optional()]),
) as Record<AlertField, z.ZodOptional<typeof expression>>;

export const payloadSettings = {
  alert: z
    .strictObject(alertFields)
    .optional()
    .describe("Field of the alert ← path or Liquid template. Others come from common names."),
  severity_map: severityMap,
  artifacts: z
    .array(
      z.strictObject({
        path: expression,
        type: z.enum(MAPPED_TYPES),
        role: z.enum(ARTIFACT_ROLES).optional(),
      }),
    )
    .optional()
    .describe("Where the observables are; without it they come from common names."),
};
const payload = z.strictObject(payloadSettings);
export type PayloadSettings = z.infer<typeof payload>;
