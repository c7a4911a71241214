/** Everything of a range of time, for comparing with what is known. */
import type { ElasticCluster, RangeRequest } from "../../elastic/cluster/cluster.ts";
import type { FeedItem, RangeOfItems } from "../feed.ts";
import { glanceAt } from "./glance.ts";
import { itemOf } from "./item.ts";
import { NO_SEQUENCE } from "./plan.ts";
import type { IndexFeedSettings } from "./settings.ts";

export interface RangeSource {
  readonly settings: IndexFeedSettings;
  readonly cluster: ElasticCluster;
  readonly created: string;
}

/** Documents that were created in the range, then, if wanted, all that do not say when. */
export async function* readAll(
  source: RangeSource,
  request: RangeOfItems,
): AsyncGenerator<readonly FeedItem[], void, undefined> {
  for await (const hits of source.cluster.readRange(rangeOf(source, request)))
    yield hits.map((hit) => itemOf(hit, hit.time));
  if (source.settings.timeless && request.timeless) yield* readTimeless(source, request);
}

function rangeOf({ settings, created }: RangeSource, request: RangeOfItems): RangeRequest {
  const { since, until, signal } = request;
  const { index, size: pageSize, tracks, filter } = settings;
  const all = [...filter, ...(tracks[0]?.filter ?? [])];
  const parts = partsOf(settings, request);
  return { index, since, until, pageSize, timeField: created, filter: all, signal, ...parts };
}

function partsOf({ identityFields }: IndexFeedSettings, { whole }: RangeOfItems) {
  const tooLong = "empty" as const;
  return whole || identityFields === null ? { tooLong } : { tooLong, source: identityFields };
}

async function* readTimeless(
  { settings, cluster, created: without }: RangeSource,
  request: RangeOfItems,
): AsyncGenerator<readonly FeedItem[], void, undefined> {
  const { index: pattern, size: pageSize, filter } = settings;
  const { signal } = request;
  const looked = { index: pattern, tracks: [], timeless: { without, filter } };
  const { sequences } = await glanceAt(cluster, looked, signal);
  const parts = partsOf(settings, request);
  for (const index of sequences.keys()) {
    const all = { index, after: NO_SEQUENCE.last, without, filter, pageSize, signal, ...parts };
    for await (const hits of cluster.readSequence(all)) yield hits.map((hit) => itemOf(hit, null));
  }
}
