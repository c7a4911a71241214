/**
 * Compares what is in an index with what is in the stream: reads the keys of a range of time and asks
 * which of them are not known.
 *
 * Only what the source has read past can be missing; what is newer is still to come. Of what is missing,
 * a rule's other events say which way failed: when they came from a sender, the sender lost it. Of what
 * is from before the source's start that holds only when they came before it too. Memory is that of one
 * page, and of the bounded report.
 *
 * To *backfill* is to read the range of what is missing again, whole, and to take it. What is from before
 * the source's start is left out, as it was on purpose.
 */
import type { Feed } from "../sources/feed.ts";
import { sources } from "../sources/index.ts";
import type { StoredCursor, Stream } from "../stream/stream.ts";
import { findMissing, type MissingItem, type ReadSource, type TakeItems } from "./items.ts";
import { MissingEvents, type Explain } from "./missing.ts";
import type { ReconcileReport } from "./report.ts";

/** Which kinds of sources brought events of each rule between two times (epoch milliseconds). */
export type Arrivals = (
  streams: ReadonlySet<string>,
  since: number,
  until: number,
) => Promise<ReadonlyMap<string, ReadonlySet<string>>>;

export interface ReconcileRequest {
  readonly feed: Feed;
  readonly source: ReadSource;
  readonly stream: Pick<Stream, "known">;
  /** Epoch milliseconds, inside the range. */
  readonly since: number;
  /** Epoch milliseconds, outside the range. */
  readonly until: number;
  /** How far the source is read; null when it never was: then nothing can be missing. */
  readonly cursor: StoredCursor | null;
  /** Whether items without a time are compared: of those nobody knows whether their keys may be gone. */
  readonly timeless: boolean;
  /** Takes what is missing; null only reports. */
  readonly backfill: TakeItems | null;
  /** Without it every reason is `late` or `before_start`. */
  readonly arrivals?: Arrivals | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rejects as the feed, the stream or `backfill` do; what was taken until then is stored. */
export async function reconcile(request: ReconcileRequest): Promise<ReconcileReport> {
  const until = Math.min(request.until, request.cursor?.readTo ?? request.since);
  const range = { since: request.since, until: Math.max(until, request.since) };
  const found = await compare(request, range);
  const explain = await explainer(request, found.missing.streams);
  const backfilled = await fetchMissing(request, found, explain);
  return {
    source: request.source.name,
    since: new Date(range.since).toISOString(),
    until: new Date(range.until).toISOString(),
    found: found.count,
    missing: found.missing.list(explain),
    ...found.missing.count(explain),
    backfilled,
  };
}

interface Range {
  readonly since: number;
  readonly until: number;
}

interface Found {
  count: number;
  readonly missing: MissingEvents;
  /** Where the missing are; null while all of them are without a time. */
  span: Range | null;
}

async function compare(request: ReconcileRequest, range: Range): Promise<Found> {
  const found: Found = { count: 0, missing: new MissingEvents(), span: null };
  if (range.since >= range.until) return found;
  const { feed, timeless, signal } = request;
  const pages = feed.range({ ...range, whole: false, timeless, signal });
  for await (const items of pages) {
    const { count, missing } = await findMissing(request.source, request.stream, items);
    found.count += count;
    for (const each of missing) note(request, found, each);
  }
  return found;
}

function note(request: ReconcileRequest, found: Found, { item, keys }: MissingItem): void {
  const { name, at } = item;
  const beforeStart = isBeforeStart(request, at);
  for (const { key, stream } of keys) found.missing.add({ key, stream, name, at, beforeStart });
  if (at !== null) found.span = widen(found.span, at);
}

function widen(span: Range | null, at: number): Range {
  if (!span) return { since: at, until: at + 1 };
  return { since: Math.min(span.since, at), until: Math.max(span.until, at + 1) };
}

function isBeforeStart({ feed, cursor }: ReconcileRequest, at: number | null): boolean {
  return at !== null && cursor !== null && at < feed.originOf(cursor.cursor);
}

const ACTIONS = "elastic-actions";
const READ_KINDS: ReadonlySet<string> = new Set(
  sources.filter((source) => "open" in source).map(({ kind }) => kind),
);

async function explainer(
  { feed, source, cursor, arrivals, since, until }: ReconcileRequest,
  streams: ReadonlySet<string>,
): Promise<Explain> {
  const askUntil = async (end: number) =>
    arrivals && streams.size > 0 && end > since ? await arrivals(streams, since, end) : new Map();
  const came = await askUntil(until);
  // A sender that began with the source had no chance to lose what is from before.
  const cameBefore = await askUntil(cursor ? feed.originOf(cursor.cursor) : since);
  return (stream, beforeStart) => {
    const ways = beforeStart ? cameBefore : came;
    const kinds: string[] = [...((stream !== null && ways.get(stream)) || [])];
    if (kinds.some((kind) => !READ_KINDS.has(kind))) return "webhook_lost";
    const isOther = source.definition.kind !== ACTIONS;
    if (isOther && kinds.includes(ACTIONS)) return "mapping_lost";
    return beforeStart ? "before_start" : "late";
  };
}

async function fetchMissing(
  request: ReconcileRequest,
  { missing, span }: Found,
  explain: Explain,
): Promise<number> {
  const { backfill, feed, source, stream, timeless, signal } = request;
  if (!backfill || missing.count(explain).missing_count === 0) return 0;
  // Items without a time come with every range.
  const range = span ?? { since: request.since, until: request.since + 1 };
  let fetched = 0;
  for await (const items of feed.range({ ...range, whole: true, timeless, signal })) {
    const { missing: still } = await findMissing(source, stream, items);
    const wanted = still.filter(({ item, keys }) => {
      const beforeStart = isBeforeStart(request, item.at);
      return keys.some(({ stream }) => explain(stream, beforeStart) !== "before_start");
    });
    if (wanted.length === 0) continue;
    const { accepted, quarantined } = await backfill(wanted.map(({ item }) => item));
    fetched += accepted + quarantined;
  }
  return fetched;
}
