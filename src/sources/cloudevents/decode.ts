import { toTitle } from "../../alert/text.ts";
import { hashOf, isObject, keyPart, quote, rejectItem, textOf } from "../read.ts";
import type { Decoded, JsonObject, JsonValue } from "../source.ts";
import { openData } from "./data.ts";

/** What every event must have (cloudevents/spec, v1.0/spec.md, "Required attributes"). */
const REQUIRED = ["specversion", "id", "source", "type"];

/** Minor versions of 1 do not break their readers; 0.3 differs in what `openData` knows. */
const VERSIONS = /^(?:1(?:\.\d+)?|0\.3)$/;

/** One document is one event; the reader has taken a batch apart already. */
export function decodeCloudEvent(body: JsonValue, source: string): Decoded {
  if (!isObject(body)) {
    return reject(rejectItem("not_an_object", "a CloudEvent is a JSON object", body));
  }
  const missing = REQUIRED.filter((name) => textOf(body[name]) === null);
  if (missing.length > 0) {
    const detail = `not a CloudEvent in structured mode: without ${missing.join(", ")}`;
    return reject(rejectItem("not_an_alert", detail, body));
  }
  const version = textOf(body["specversion"]) ?? "";
  if (!VERSIONS.test(version)) {
    const detail = `CloudEvents of version ${quote(version)} are not read, only 1.0 and 0.3`;
    return reject(rejectItem("not_an_alert", detail, body));
  }
  const opened = openData(body);
  if ("reason" in opened) return reject(rejectItem(opened.reason, opened.detail, body));
  return { events: [toEvent(opened.document, source)], rejected: [] };
}

function reject(item: Decoded["rejected"][number]): Decoded {
  return { events: [], rejected: [item] };
}

function toEvent(document: JsonObject, source: string): Decoded["events"][number] {
  const stream = toTitle(textOf(document["type"]) ?? "") || "CloudEvent";
  return { stream, key: keyOf(document, source), document };
}

/** `source` and `id` together name an event. A blank divides them, which no URI has in it. */
function keyOf(document: JsonObject, name: string): string {
  const producer = textOf(document["source"]) ?? "";
  const part = /\s/.test(producer) ? hashOf(producer) : keyPart(producer);
  return `cloudevents:${name}:${part} ${keyPart(textOf(document["id"]) ?? "")}`;
}
