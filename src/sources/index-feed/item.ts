/**
 * Items of a feed from hits: their documents are `{_index, _id, _source}`, as a search gives them; without
 * `_source` where that is too long to be read, which no source takes for an event.
 */
import { readTime } from "../../alert/time.ts";
import type { ElasticHit } from "../../elastic/cluster/cluster.ts";
import { openDocument } from "../../elastic/document.ts";
import type { FeedItem } from "../feed.ts";

/** `at`: when the document was made, epoch milliseconds. */
export function itemOf({ _index, _id, _source, cut }: ElasticHit, at: number | null): FeedItem {
  const document = { _index, _id, ...(!cut && { _source }) };
  return { name: `es:${_index}/${_id}`, at, document };
}

/** The time in a field of the document itself; null when it cannot be read. */
export function timeIn({ _source }: ElasticHit, field: string): number | null {
  const time = readTime(openDocument(_source).text(field));
  return time === null ? null : Date.parse(time);
}
