import { openDocument } from "../../elastic/document.ts";
import { hitsOf } from "../../elastic/hits.ts";
import { identityOf } from "../../elastic/identity.ts";
import { streamOf } from "../../elastic/rule.ts";
import { isObject, rejectItem } from "../read.ts";
import type { Decoded, DecodedEvent, JsonObject, JsonValue, RejectedItem } from "../source.ts";

/**
 * One event per document: an alert in any shape, a search hit, or each hit of a `_search` response.
 * Any object is an event, alert-like or not; anything else is rejected.
 */
export function decodeElastic(document: JsonValue): Decoded {
  const hits = isObject(document) ? hitsOf(document) : null;
  if (hits !== null && hits.length === 0) return { events: [], rejected: [], empty: "no_hits" };
  const events: DecodedEvent[] = [];
  const rejected: RejectedItem[] = [];
  for (const item of (hits ?? [document]) as readonly JsonValue[]) {
    if (isObject(item)) events.push(readEvent(item));
    else rejected.push(rejectItem("not_an_object", "not a JSON object", item));
  }
  return { events, rejected };
}

function readEvent(item: JsonObject): DecodedEvent {
  const document = openDocument(item);
  return { stream: streamOf(document), key: identityOf(document), document: item };
}
