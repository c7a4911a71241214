/** Custom fields: Liquid over the message, read as the type that the field has at TheHive. */
import { z } from "zod";
import { compileTemplate } from "../../template/template.ts";
import type { Message } from "../destination.ts";
import { scopeOf } from "../parts.ts";
import { clip, manyLines } from "../text.ts";
import { type CustomField, FIELD_TYPES, type FieldType, LIMITS } from "./model.ts";

const MAX_VALUE = 4096;

const typed = z.strictObject({
  type: z.enum(FIELD_TYPES).default("string"),
  value: z.string().min(1).describe("Liquid."),
});

/** The `custom_fields` setting. */
export function customFieldsSetting() {
  return z
    .record(z.string().min(1).max(LIMITS.customFieldName), z.union([z.string().min(1), typed]))
    .default({})
    .describe(
      "Custom fields by their names: Liquid, or { type, value } for what is not a string. A date is epoch milliseconds or RFC 3339. What renders as nothing, or not as its type, is left out.",
    );
}
export type CustomFieldsConfig = z.infer<ReturnType<typeof customFieldsSetting>>;

/** Makes the function that renders the fields. Throws TEMPLATE_INVALID naming the one that does not parse. */
export function compileCustomFields(
  config: CustomFieldsConfig,
  component: string,
): (message: Message) => CustomField[] {
  const fields = Object.entries(config).map(([name, setting]) => {
    const { type, value } =
      typeof setting === "string" ? { type: "string" as const, value: setting } : setting;
    // No value takes a template over its own limits.
    const escape = (text: string) => clip(text, MAX_VALUE);
    const options = { component: `${component}: custom_fields.${name}`, escape };
    return { name, type, template: compileTemplate(value, options) };
  });
  return (message) => {
    if (fields.length === 0) return [];
    const scope = scopeOf(message);
    return fields.flatMap(({ name, type, template }) => {
      const value = readValue(template.render(scope).trim(), type);
      return value === undefined ? [] : [{ name, type, value }];
    });
  };
}

function readValue(text: string, type: FieldType): CustomField["value"] | undefined {
  if (text === "") return undefined;
  if (type === "string") return clip(manyLines(text), MAX_VALUE);
  if (type === "boolean") return readBoolean(text);
  if (type === "date") return readDate(text);
  const number = Number(text);
  const fits = type === "integer" ? Number.isSafeInteger(number) : Number.isFinite(number);
  return fits ? number : undefined;
}

function readBoolean(text: string): boolean | undefined {
  if (/^(true|yes|1)$/i.test(text)) return true;
  return /^(false|no|0)$/i.test(text) ? false : undefined;
}

function readDate(text: string): number | undefined {
  const time = /^\d{10,15}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
