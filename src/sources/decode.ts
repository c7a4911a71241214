import { messageOf, TocsinError } from "../errors.ts";
import { isJsonObject } from "../receipt/json.ts";
import { DEFAULT_READ_LIMITS, limitExceeded } from "../receipt/limits.ts";
import type { ReadLimits } from "../receipt/limits.ts";
import { readBody } from "../receipt/read.ts";
import type { ReadDocument } from "../receipt/read.ts";
import { identify } from "./identity.ts";
import type { EventIdentity } from "./identity.ts";
import { jsonBytes } from "./json-bytes.ts";
import type {
  DecodeContext,
  Decoded,
  DecodedEvent,
  EmptyReason,
  JsonObject,
  JsonValue,
  RejectedItem,
  SourceDefinition,
} from "./source.ts";

/** A request body as it came over the wire. */
export interface ReceiptBody {
  readonly bytes: Uint8Array;
  readonly contentType?: string | undefined;
}

export interface DecodeOptions {
  /** The value of an explicit idempotency header of the request. */
  readonly idempotencyKey?: string | undefined;
  readonly limits?: Partial<ReadLimits> | undefined;
}

/** An event with its final identity, ready for the stream. */
export interface ReceiptEvent extends EventIdentity {
  readonly stream: string;
  readonly document: JsonObject;
  /** The document as JSON text in UTF-8; the bytes of the request where they are just that. */
  readonly body: Uint8Array;
  /** As the source says of it; false where it says nothing. */
  readonly onlyKnown: boolean;
  readonly repaired: readonly string[];
}

/** What became of a receipt. Everything in it is an event, a rejected item, or nothing at all. */
export interface DecodedReceipt {
  readonly events: readonly ReceiptEvent[];
  readonly rejected: readonly RejectedItem[];
  /** All repairs. When there are any, or rejected items, the original bytes are worth keeping. */
  readonly repaired: readonly string[];
  /** Set when there is neither an event nor a rejected item. */
  readonly empty?: EmptyReason;
}

/** An event and what the reader repaired in the document it came from. */
interface FoundEvent {
  readonly event: DecodedEvent;
  readonly repaired: readonly string[];
}

/**
 * Turns a request body into events: reads it, lets the source decode each document, gives each
 * event its key. What cannot be understood comes back as rejected items with their bytes; a body
 * that cannot be read at all is one item with the bytes as they were sent. A source that throws
 * has a bug; its document is rejected rather than lost.
 *
 * @throws LIMIT_EXCEEDED when the body is over a limit.
 */
export function decodeReceipt<Config>(
  definition: SourceDefinition<Config>,
  context: DecodeContext<Config>,
  body: ReceiptBody,
  options: DecodeOptions = {},
): DecodedReceipt {
  const { bytes, contentType } = body;
  const read = readBody(bytes, { contentType, limits: options.limits });
  if (read.kind === "empty") return unreadable("unreadable", "the body is empty", bytes);
  if (read.kind === "unreadable") return unreadable(read.reason, read.detail, bytes);

  const found = decodeDocuments(definition, context, read.documents);
  checkCount(found.events.length, options);
  const rejected = [...read.rejected, ...found.rejected];
  const original = read.plain ? read.documents[0]?.value : undefined;
  const events = found.events.map(({ event, repaired }, index): ReceiptEvent => {
    const place = { source: context.name, index, count: found.events.length };
    return {
      stream: event.stream,
      ...identify(event, { ...place, idempotencyKey: options.idempotencyKey }),
      document: event.document,
      body: event.document === original ? bytes : jsonBytes(event.document),
      onlyKnown: event.onlyKnown ?? false,
      repaired: union(repaired, event.repaired ?? []),
    };
  });
  const repaired = union(read.repaired, ...events.map((event) => event.repaired));
  if (events.length > 0 || rejected.length > 0) return { events, rejected, repaired };
  return { events, rejected, repaired, empty: found.empty ?? "empty_array" };
}

function decodeDocuments<Config>(
  definition: SourceDefinition<Config>,
  context: DecodeContext<Config>,
  documents: readonly ReadDocument[],
): { events: FoundEvent[]; rejected: RejectedItem[]; empty: EmptyReason | undefined } {
  const parts = documents.map(({ value, repaired }) => ({
    decoded: decodeDocument(definition, context, value),
    repaired,
  }));
  return {
    events: parts.flatMap(({ decoded, repaired }) =>
      decoded.events.map((event) => ({ event, repaired })),
    ),
    rejected: parts.flatMap(({ decoded }) => decoded.rejected),
    empty: parts.find(({ decoded }) => decoded.empty !== undefined)?.decoded.empty,
  };
}

/**
 * Lets a source decode one document; whatever it does, something becomes of it.
 *
 * @throws LIMIT_EXCEEDED when the source says that the document is over a limit.
 */
export function decodeDocument<Config>(
  definition: Pick<SourceDefinition<Config>, "decode">,
  context: DecodeContext<Config>,
  document: JsonValue,
): Decoded {
  if (!isJsonObject(document)) {
    return reject("not_an_object", `expected an object, not ${nameType(document)}`, document);
  }
  try {
    const decoded = definition.decode(document, context);
    const { events, rejected, empty } = decoded;
    if (events.length > 0 || rejected.length > 0 || empty !== undefined) return decoded;
    return reject("not_an_alert", "no alert was found in it", document);
  } catch (error) {
    if (error instanceof TocsinError && error.code === "LIMIT_EXCEEDED") throw error;
    return reject("unreadable", `decode failed: ${messageOf(error)}`, document);
  }
}

function reject(reason: RejectedItem["reason"], detail: string, document: JsonValue): Decoded {
  return { events: [], rejected: [{ reason, detail, bytes: jsonBytes(document) }] };
}

function unreadable(
  reason: RejectedItem["reason"],
  detail: string,
  bytes: Uint8Array,
): DecodedReceipt {
  return { events: [], rejected: [{ reason, detail, bytes }], repaired: [] };
}

function checkCount(count: number, options: DecodeOptions): void {
  const limit = options.limits?.events ?? DEFAULT_READ_LIMITS.events;
  if (count > limit) throw limitExceeded("events", limit);
}

function nameType(value: JsonValue): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

function union(...lists: readonly (readonly string[])[]): readonly string[] {
  return lists.every((list) => list.length === 0) ? [] : [...new Set(lists.flat())];
}
