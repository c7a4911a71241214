/**
 * The intake: from the bytes of a receipt to entries in the stream. Whoever brings something (an HTTP
 * request, a page of a feed, a replay from quarantine, Tocsin itself) comes through here.
 */
import { alertId } from "../alert/id.ts";
import { decodeReceipt, type DecodedReceipt } from "../sources/decode.ts";
import type { FeedItem } from "../sources/feed.ts";
import type { RaisedNotice } from "../store/store.ts";
import type { Appended, AppendedEntry, NewEntry, Stream } from "../stream/stream.ts";
import { OPERATOR_SOURCE } from "../sources/tocsin/index.ts";
import type { Configuration, ConfiguredSource } from "./configuration.ts";
import { decodePage, entriesOf, leaveOutUnknown, readLimits } from "./intake-entries.ts";

export interface Delivered {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  /** With secrets removed. Called only when they are to be kept. */
  headers(): Readonly<Record<string, string>>;
  readonly idempotencyKey: string | undefined;
  /** How the sender authenticated. */
  readonly via: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** An event that is in the stream, new or from before. */
export interface TakenEvent {
  readonly id: string;
  readonly key: string;
  readonly duplicate: boolean;
}

/** What became of a receipt, in the order of its items. */
export interface Taken {
  readonly stream: string | null;
  readonly events: readonly TakenEvent[];
  readonly quarantined: readonly {
    readonly id: string;
    readonly reason: string;
    readonly detail: string;
  }[];
  readonly empty: string | null;
}

/** How many events of a receipt are new, and how many were there before. */
export function countEvents({ events }: Pick<Taken, "events">): {
  readonly accepted: number;
  readonly duplicates: number;
} {
  const duplicates = events.filter(({ duplicate }) => duplicate).length;
  return { accepted: events.length - duplicates, duplicates };
}

/** Reads a receipt and appends it. Resolves when it is durable; rejects when nothing was taken. */
export async function takeReceipt(
  stream: Stream,
  source: ConfiguredSource,
  limits: Configuration["limits"],
  delivered: Delivered,
): Promise<Taken> {
  const { bytes, contentType, idempotencyKey } = delivered;
  const { definition, config, name } = source;
  const decoded = decodeReceipt(
    definition,
    { config, name },
    { bytes, contentType },
    { idempotencyKey, limits: readLimits(limits) },
  );
  const appended = await stream.append({
    source: name,
    kind: source.kind,
    received_at: delivered.receivedAt,
    via: delivered.via,
    entries: entriesOf(name, decoded),
    empty: decoded.empty ?? null,
    original: originalOf(decoded, delivered),
  });
  return describeTaken(decoded, appended);
}

/** What the sender really sent is kept where reading it took more than parsing. */
function originalOf(decoded: DecodedReceipt, delivered: Delivered) {
  if (decoded.rejected.length === 0 && decoded.repaired.length === 0) return null;
  const isWhole = decoded.rejected.some(({ bytes }) => bytes === delivered.bytes);
  return { headers: delivered.headers(), body: isWhole ? null : delivered.bytes };
}

function describeTaken(decoded: DecodedReceipt, appended: Appended): Taken {
  const { events, rejected } = decoded;
  const taken = appended.entries.map(toTaken);
  return {
    stream: events[0]?.stream ?? null,
    events: taken.slice(0, events.length),
    quarantined: taken.slice(events.length).map(({ id }, index) => ({
      id,
      reason: rejected[index]?.reason ?? "unreadable",
      detail: rejected[index]?.detail ?? "",
    })),
    empty: decoded.empty ?? null,
  };
}

function toTaken({ position, key, received_at, duplicate }: AppendedEntry): TakenEvent {
  return { id: alertId(received_at, key, position), key, duplicate };
}

/** A page of a feed. */
export interface PageOfItems {
  readonly items: readonly FeedItem[];
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** What became of a page; the counts are those of its receipts, and their sum is all entries. */
export interface PageTaken {
  /** Events that are new. */
  readonly accepted: number;
  /** Events and rejected items that were there before. */
  readonly duplicates: number;
  /** Rejected items that are new. */
  readonly quarantined: number;
  readonly events: readonly TakenEvent[];
}

/**
 * Appends what the items of a page come to, as one receipt, or as several of at most `limits.events`
 * entries; a page without items, or of which all is left out, leaves none. Resolves when all is
 * durable. When it rejects, some of it may be in the stream, and taking the page again changes nothing
 * of that.
 */
export async function takePage(
  stream: Stream,
  source: ConfiguredSource,
  limits: Configuration["limits"],
  { items, receivedAt }: PageOfItems,
): Promise<PageTaken> {
  const sum = { accepted: 0, duplicates: 0, quarantined: 0 };
  const events: TakenEvent[] = [];
  if (items.length === 0) return { ...sum, events };
  const decoded = await leaveOutUnknown(stream, await decodePage(source, limits, items));
  const all = entriesOf(source.name, decoded);
  if (all.length === 0 && decoded.empty === undefined) return { ...sum, events };
  for (const entries of split(all, limits.events)) {
    const appended = await stream.append({
      source: source.name,
      kind: source.kind,
      received_at: receivedAt,
      via: "poll",
      entries,
      empty: decoded.empty ?? null,
      original: null,
    });
    for (const [index, entry] of appended.entries.entries()) {
      const isRejected = entries[index]?.quarantine !== null;
      if (!isRejected) events.push(toTaken(entry));
      if (entry.duplicate) sum.duplicates += 1;
      else sum[isRejected ? "quarantined" : "accepted"] += 1;
    }
  }
  return { ...sum, events };
}

/** Lists of at most so many; one that is empty when there are none at all. */
function split(entries: readonly NewEntry[], most: number): (readonly NewEntry[])[] {
  const count = Math.max(1, Math.ceil(entries.length / most));
  return Array.from({ length: count }, (_, index) =>
    entries.slice(index * most, (index + 1) * most),
  );
}

/**
 * Appends Tocsin's own alerts: what it has to tell its operators, received `now`, and matches over
 * several alerts, received when the log completed them. Doing it again after a crash changes nothing:
 * the keys are known.
 */
export async function takeNotices(
  stream: Stream,
  notices: readonly RaisedNotice[],
  now: number,
): Promise<void> {
  const toOperators = notices.filter(({ source }) => source === OPERATOR_SOURCE);
  if (toOperators.length > 0) await appendNotices(stream, OPERATOR_SOURCE, toOperators, now);
  for (const notice of notices) {
    if (notice.source === OPERATOR_SOURCE) continue;
    await appendNotices(stream, notice.source, [notice], notice.raised_at);
  }
}

async function appendNotices(
  stream: Stream,
  source: string,
  notices: readonly RaisedNotice[],
  receivedAt: number,
): Promise<void> {
  await stream.append({
    source,
    kind: source,
    received_at: receivedAt,
    via: "internal",
    entries: notices.map((notice) => noticeEntry(notice)),
    empty: null,
    original: null,
  });
}

/** The entry of a notice. A match is raised once; what operators are told, once each time. */
function noticeEntry({ source, key, raised_at, body }: RaisedNotice): NewEntry {
  return {
    stream: source,
    key: source === OPERATOR_SOURCE ? `tocsin:${key}:${raised_at}` : key,
    window: null,
    repaired: [],
    body: Buffer.from(JSON.stringify(body)),
    quarantine: null,
  };
}
