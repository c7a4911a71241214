/**
 * The data of a CloudEvent (cloudevents/spec, v1.0/json-format.md, "Handling of data"): `data` is any
 * JSON value; bytes are `data_base64`, in 0.3 `data` with `datacontentencoding: base64`. Many senders
 * put JSON as text into `data`, or as bytes into `data_base64`; both are opened.
 */
import { isDeeperThan } from "../../receipt/json.ts";
import { DEFAULT_READ_LIMITS } from "../../receipt/limits.ts";
import { textOf } from "../read.ts";
import type { JsonObject, JsonValue, RejectReason } from "../source.ts";

/** The event with its data opened, or why that cannot be. */
type Opened =
  | { readonly document: JsonObject }
  | { readonly reason: RejectReason; readonly detail: string };

/** Opens the data of an event. What is neither JSON nor text stays as it came. */
export function openData(event: JsonObject): Opened {
  const { data_base64, ...rest } = event;
  if (data_base64 !== undefined && data_base64 !== null) return openBytes(event, rest, data_base64);
  if (textOf(event["datacontentencoding"])?.toLowerCase() === "base64") {
    const { datacontentencoding: _, ...plain } = event;
    return openBytes(event, plain, event["data"] ?? null);
  }
  const { data } = event;
  return typeof data === "string" ? openText(event, rest, data) : { document: event };
}

function openBytes(event: JsonObject, rest: JsonObject, encoded: JsonValue): Opened {
  if (typeof encoded !== "string" || !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(encoded)) {
    return { reason: "unreadable", detail: "the data is not base64" };
  }
  const bytes = Buffer.from(encoded, "base64");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return openText(event, rest, text);
  } catch {
    return { document: event };
  }
}

/** The event with the text's JSON as data; with the text itself where it is none. */
function openText(event: JsonObject, rest: JsonObject, text: string): Opened {
  const value = parse(text);
  if (isDeeperThan(value, DEFAULT_READ_LIMITS.depth - 1)) {
    return { reason: "too_deep", detail: "the data is nested too deep" };
  }
  return { document: value === event["data"] ? event : { ...rest, data: value } };
}

function parse(text: string): JsonValue {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
