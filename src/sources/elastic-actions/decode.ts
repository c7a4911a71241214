import { openDocument } from "../../elastic/document.ts";
import { identityOf } from "../../elastic/identity.ts";
import { decodeAction, hitOf } from "../kibana-action/decode.ts";
import { isObject, rejectItem } from "../read.ts";
import type { Decoded, JsonObject, JsonValue } from "../source.ts";

/**
 * The events of one document of the action index: a search hit with the action's body in `_source`.
 * What has no identity of its own gets one of the document's, so that reading it again is free:
 * `es:<index>/<id>#<n>` for the n-th hit, `!<n>` for the n-th that is rejected, and without a number
 * for a message that stands alone. A body without a hit around it (one that was repaired) is read too.
 */
export function decodeActionDocument(item: JsonValue): Decoded {
  if (!isObject(item)) return decodeAction(item);
  const name = nameOf(item);
  const body = item["_source"];
  if (name === null) return decodeAction(isObject(body) ? body : item);
  if (isObject(body)) return nameItems(decodeAction(body), name);
  const rejected = rejectItem("not_an_object", "the document came without its _source", item);
  return nameItems({ events: [], rejected: [rejected] }, name);
}

/** Read from the hit alone: what the body says of indices and ids is said of other documents. */
function nameOf({ _index: index, _id: id }: JsonObject): string | null {
  return identityOf(openDocument({ _index: index, _id: id }));
}

function nameItems(decoded: Decoded, name: string): Decoded {
  const events = decoded.events.map((event, index) => {
    const own = hitOf(event.document) === null ? name : `${name}#${index}`;
    return { ...event, key: event.key ?? own };
  });
  const rejected = decoded.rejected.map((item, index) => ({ ...item, key: `${name}!${index}` }));
  return { ...decoded, events, rejected };
}
