import { setImmediate as nextTurn } from "node:timers/promises";
import { boundKey } from "../alert/key.ts";
import { messageOf } from "../errors.ts";
import { isDeeperThan } from "../receipt/json.ts";
import { DEFAULT_READ_LIMITS } from "../receipt/limits.ts";
import type { ReadLimits } from "../receipt/limits.ts";
import { decodeDocument } from "./decode.ts";
import type { DecodedReceipt, DecodeOptions, ReceiptEvent } from "./decode.ts";
import type { FeedItem } from "./feed.ts";
import { identify } from "./identity.ts";
import { jsonBytes } from "./json-bytes.ts";
import type {
  DecodeContext,
  DecodedEvent,
  RejectedItem,
  RejectReason,
  SourceDefinition,
} from "./source.ts";

/** What became of items. Every item is events, rejected items, or nothing at all. */
export type DecodedItems = Pick<DecodedReceipt, "events" | "rejected" | "empty">;

/**
 * Turns items of a feed into events, each item on its own: whatever one is, it does not stop the
 * others. Everything has a key for ever: an event without one is `<item>#<n>`, a rejected item
 * `<item>!<n>`, both counted from 0 within its item. An item that is nested deeper or larger than the
 * limits allow, or that its source throws at, is rejected whole. How many events there are is not
 * limited. `empty` is set when there are items and nothing came of them.
 */
export function decodeItems<Config>(
  definition: Pick<SourceDefinition<Config>, "decode">,
  context: DecodeContext<Config>,
  items: readonly FeedItem[],
  options: Pick<DecodeOptions, "limits"> = {},
): DecodedItems {
  const limits = { ...DEFAULT_READ_LIMITS, ...options.limits };
  return joinDecoded(items.map((item) => decodeItem(definition, context, item, limits)));
}

/** How long decoding holds the thread in one turn, in milliseconds; meanwhile nobody else is served. */
const TURN_MS = 5;

/**
 * What became of each item, in their order. Gives the thread back every few milliseconds, for an item
 * may be a few bytes or hundreds of events; a single item is never cut.
 */
export async function* decodeInTurns<Config>(
  definition: Pick<SourceDefinition<Config>, "decode">,
  context: DecodeContext<Config>,
  items: readonly FeedItem[],
  options: Pick<DecodeOptions, "limits"> = {},
): AsyncGenerator<{ readonly item: FeedItem; readonly decoded: DecodedItems }, void, undefined> {
  let begun = performance.now();
  for (const item of items) {
    yield { item, decoded: decodeItems(definition, context, [item], options) };
    if (performance.now() - begun <= TURN_MS) continue;
    await nextTurn();
    begun = performance.now();
  }
}

/** What became of several lists of items, as one. */
export function joinDecoded(parts: readonly DecodedItems[]): DecodedItems {
  const events = parts.flatMap((part) => part.events);
  const rejected = parts.flatMap((part) => part.rejected);
  const empty = parts.find((part) => part.empty !== undefined)?.empty;
  if (events.length > 0 || rejected.length > 0 || empty === undefined) return { events, rejected };
  return { events, rejected, empty };
}

function decodeItem<Config>(
  definition: Pick<SourceDefinition<Config>, "decode">,
  context: DecodeContext<Config>,
  item: FeedItem,
  limits: ReadLimits,
): DecodedItems {
  const { name, document } = item;
  const bytes = jsonBytes(document);
  const over = describeExcess(item, bytes, limits);
  if (over) return putAside(name, over.reason, over.detail, bytes);
  try {
    const { events, rejected, empty } = decodeDocument(definition, context, document);
    return {
      events: events.map((event, index) => nameEvent(context.name, item, bytes, event, index)),
      rejected: rejected.map((each, index) => nameRejected(name, each, index)),
      ...(empty === undefined ? {} : { empty }),
    };
  } catch (error) {
    return putAside(name, "unreadable", `decode failed: ${messageOf(error)}`, bytes);
  }
}

function describeExcess(
  { document }: FeedItem,
  { length }: Uint8Array,
  { depth, unpackedBytes }: ReadLimits,
): { reason: RejectReason; detail: string } | undefined {
  if (isDeeperThan(document, depth)) {
    return { reason: "too_deep", detail: `nested more than ${depth} deep` };
  }
  if (length <= unpackedBytes) return undefined;
  return {
    reason: "unreadable",
    detail: `it has ${length} bytes, and ${unpackedBytes} may be read`,
  };
}

function nameEvent(
  source: string,
  { name, document }: FeedItem,
  bytes: Uint8Array,
  event: DecodedEvent,
  index: number,
): ReceiptEvent {
  const named = { ...event, key: event.key ?? `${name}#${index}` };
  return {
    stream: event.stream,
    ...identify(named, { source, index: 0, count: 1 }),
    document: event.document,
    body: event.document === document ? bytes : jsonBytes(event.document),
    onlyKnown: event.onlyKnown ?? false,
    repaired: event.repaired ?? [],
  };
}

function nameRejected(name: string, rejected: RejectedItem, index: number): RejectedItem {
  return { ...rejected, key: boundKey(rejected.key ?? `${name}!${index}`) };
}

function putAside(
  name: string,
  reason: RejectReason,
  detail: string,
  bytes: Uint8Array,
): DecodedItems {
  return { events: [], rejected: [nameRejected(name, { reason, detail, bytes }, 0)] };
}
