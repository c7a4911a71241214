import { unescape } from "node:querystring";

/** What a form held: the texts of its JSON fields, and whether there were other fields. */
export interface FormTexts {
  readonly texts: readonly string[];
  readonly ignored: boolean;
}

const JSON_START = /^(?:\s|%0[9ad]|%20|\+)*(?:[[{]|%5b|%7b)/i;
const FIELD_NAME = /^\w[\w.[\]-]{0,63}=/;

/**
 * The JSON in a body that is form-encoded: `payload=%7B…%7D`, the whole body encoded, or JSON that
 * was only prefixed with a field name. Undefined when the text is no form or holds no JSON. The
 * content type does not decide: HTTP clients send plain JSON as
 * `application/x-www-form-urlencoded` when nobody told them otherwise.
 */
export function readForm(text: string): FormTexts | undefined {
  const name = FIELD_NAME.exec(text)?.[0];
  if (name === undefined && !/^%[57]b/i.test(text)) return undefined;
  const value = text.slice(name?.length ?? 0);
  // Not encoded at all: an ampersand in it is content.
  if (/^\s*[[{]/.test(value)) return { texts: [value], ignored: false };
  const fields = text.split("&").map(fieldValue);
  const texts = fields.filter((field) => JSON_START.test(field)).map(decodeField);
  const ignored = fields.some((field) => field !== "" && !JSON_START.test(field));
  return texts.length === 0 ? undefined : { texts, ignored };
}

/** The value of a field; its name when there is no value, as when a whole body was encoded. */
function fieldValue(field: string): string {
  const equals = field.indexOf("=");
  if (equals < 0) return field;
  return equals === field.length - 1 ? field.slice(0, -1) : field.slice(equals + 1);
}

function decodeField(value: string): string {
  return unescape(value.replaceAll("+", " "));
}
