import { openDocument } from "../../elastic/document.ts";
import { decodeAction, hitOf } from "../kibana-action/decode.ts";
import { keyPart } from "../read.ts";
import type { Decoded, DecodedEvent, JsonValue } from "../source.ts";

/** The events of an action's body. A message that stands alone gets a key, where it can. */
export function decodeKibana(document: JsonValue): Decoded {
  const decoded = decodeAction(document);
  return { ...decoded, events: decoded.events.map(nameMessage) };
}

/**
 * The uuid of a per-alert action stays the same while the alert is active; with the time of the
 * action it names one message. Retries repeat both.
 */
function nameMessage(event: DecodedEvent): DecodedEvent {
  if (event.key !== null || hitOf(event.document) !== null) return event;
  const message = openDocument(event.document);
  const uuid = message.text("alert.uuid");
  const date = message.text("date");
  if (uuid === null || date === null) return event;
  return { ...event, key: `kibana:${keyPart(uuid)}/${keyPart(date)}` };
}
