/** Items of a feed on their way into the stream: what is done with them, and the keys they have there. */
import type { ReadLimits } from "../receipt/limits.ts";
import { decodeInTurns, type DecodedItems } from "../sources/decode-items.ts";
import type { FeedItem } from "../sources/feed.ts";
import { boundKey } from "../alert/key.ts";
import type { DecodeContext, SourceDefinition } from "../sources/source.ts";
import type { Stream } from "../stream/stream.ts";

/** Items whose keys are looked up together. */
const ITEMS_AT_ONCE = 50;

/** What became of items: how many events are new, were known, could not be understood. */
export interface TakenCounts {
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
}

/** Makes items durable. When it rejects, some of them may be, and taking them again is free. */
export type TakeItems = (items: readonly FeedItem[]) => Promise<TakenCounts>;

/** A source, as its settings make it. */
export interface ReadSource extends DecodeContext<unknown> {
  readonly definition: Pick<SourceDefinition, "kind" | "decode">;
  /** Those that the intake reads with; its defaults without. */
  readonly limits?: Partial<ReadLimits>;
}

/** Which entry of the stream an item comes to; `stream` is empty for what cannot be understood. */
export interface ItemKey {
  readonly key: string;
  readonly stream: string;
}

export interface MissingItem {
  readonly item: FeedItem;
  /** The keys of it that the stream does not have. */
  readonly keys: readonly ItemKey[];
}

/** How many events and rejected items there are, and those that the stream does not have. */
export async function findMissing(
  source: ReadSource,
  stream: Pick<Stream, "known">,
  items: readonly FeedItem[],
): Promise<{ readonly count: number; readonly missing: readonly MissingItem[] }> {
  const { definition, limits, ...context } = source;
  let count = 0;
  const missing: MissingItem[] = [];
  for (let from = 0; from < items.length; from += ITEMS_AT_ONCE) {
    const some = items.slice(from, from + ITEMS_AT_ONCE);
    const keyed: MissingItem[] = [];
    for await (const { item, decoded } of decodeInTurns(definition, context, some, { limits }))
      keyed.push({ item, keys: keysOf(decoded) });
    count += keyed.reduce((sum, { keys }) => sum + keys.length, 0);
    missing.push(...(await leaveOutKnown(stream, keyed)));
  }
  return { count, missing };
}

function keysOf({ events, rejected }: DecodedItems): ItemKey[] {
  return [
    ...events.map(({ key, stream }) => ({ key, stream })),
    ...rejected.flatMap(({ key }) => (key ? [{ key, stream: "" }] : [])),
  ];
}

async function leaveOutKnown(
  stream: Pick<Stream, "known">,
  items: readonly MissingItem[],
): Promise<MissingItem[]> {
  const known = await stream.known(items.flatMap(({ keys }) => keys.map(({ key }) => key)));
  const lacking = items.flatMap(({ item, keys }) => {
    const left = keys.filter(({ key }) => !known.has(key));
    return left.length > 0 ? [{ item, keys: left, isWhole: left.length === keys.length }] : [];
  });
  // An item can be put aside for what is not in a part of its document.
  const aside = await stream.known(lacking.map(({ item }) => asideKey(item)));
  return lacking.filter(({ item, isWhole }) => !isWhole || !aside.has(asideKey(item)));
}

/** The key of an item that was put aside whole. */
function asideKey({ name }: FeedItem): string {
  return boundKey(`${name}!0`);
}
