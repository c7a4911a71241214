import { toTitle } from "../../alert/text.ts";
import { ElasticDocument } from "../../elastic/document.ts";
import { isObject, keyPart, rejectItem, textOf } from "../read.ts";
import type {
  DecodeContext,
  Decoded,
  DecodedEvent,
  JsonObject,
  JsonValue,
  RejectedItem,
} from "../source.ts";
import { type Expression, type Item, openItem } from "./expression.ts";
import { GUESSES, RULE_NAMES } from "./guesses.ts";
import type { GenericConfig } from "./index.ts";

/** Takes the events out of a body: the objects at `items`, or the body itself. */
export function decodeGeneric(body: JsonValue, context: DecodeContext<GenericConfig>): Decoded {
  if (!isObject(body))
    return reject(rejectItem("not_an_object", "an event is a JSON object", body));
  const { items } = context.config;
  if (items === undefined) return decodeItems([body], context);
  const found = new ElasticDocument([body]).values(items) as JsonValue[];
  if (found.length > 0) return decodeItems(found, context);
  if (hasEmptyArray(body, items)) return { events: [], rejected: [], empty: "empty_array" };
  return reject(rejectItem("not_an_alert", `no events at ${items}`, body));
}

function reject(item: RejectedItem): Decoded {
  return { events: [], rejected: [item] };
}

function decodeItems(items: readonly JsonValue[], context: DecodeContext<GenericConfig>): Decoded {
  const events: DecodedEvent[] = [];
  const rejected: RejectedItem[] = [];
  for (const item of items) {
    if (!isObject(item)) {
      rejected.push(rejectItem("not_an_object", "an event is a JSON object", item));
    } else if (Object.keys(item).length === 0) {
      rejected.push(rejectItem("not_an_alert", "an empty object", item));
    } else {
      events.push(toEvent(item, context));
    }
  }
  return { events, rejected };
}

/** Whether a path ends in an array without elements: a sender with nothing to say. */
function hasEmptyArray(body: JsonObject, path: string): boolean {
  let node: JsonValue | undefined = body;
  if (Object.hasOwn(body, path)) node = body[path];
  else for (const part of path.split(".")) node = isObject(node) ? node[part] : undefined;
  return Array.isArray(node) && node.length === 0;
}

function toEvent(document: JsonObject, context: DecodeContext<GenericConfig>): DecodedEvent {
  const item = openItem(document);
  return { stream: streamOf(item, context), key: keyOf(item, context), document };
}

function streamOf(item: Item, { config, name }: DecodeContext<GenericConfig>): string {
  const asked = config.stream ?? config.alert?.["rule.name"];
  return toTitle(readText(asked, item) ?? item.document.first(...RULE_NAMES) ?? "") || name;
}

/**
 * A configured id is taken at its word. A guessed one must look like an id that is never given
 * twice, and counts together with the state: a sender that posts one id again as it changes has
 * something new to say.
 */
function keyOf(item: Item, { config, name }: DecodeContext<GenericConfig>): string | null {
  if (config.id !== undefined) {
    const id = readText(config.id, item);
    return id === null ? null : `generic:${name}:${keyPart(id)}`;
  }
  const id = item.document.first(...(GUESSES["external.id"] ?? []));
  if (id === null || !isUniqueId(id)) return null;
  const state = item.document.first(...(GUESSES.status ?? []));
  return `generic:${name}:${id}${state === null ? "" : `/${keyPart(state)}`}`;
}

/** A UUID, a ULID, or at least 24 hexadecimal digits with a letter among them. */
export function isUniqueId(text: string): boolean {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return true;
  if (/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text)) return true;
  return /^[0-9a-f]{24,128}$/i.test(text) && /[a-f]/i.test(text);
}

// A template that passes a limit on this event gives nothing here; normalise says so in a flag.
function readText(asked: Expression | undefined, item: Item): string | null {
  if (asked === undefined) return null;
  try {
    return textOf(asked.read(item));
  } catch {
    return null;
  }
}
