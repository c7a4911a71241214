/**
 * What a source reads from that is not sent to: a feed of documents, page after page.
 *
 * Terms. An *item* is one document. A *cursor* says how far reading has come; only its feed can read
 * it. Whoever reads a feed makes a page durable, lets it settle, and stores its cursor, in this order;
 * so a crash at any moment leads to reading again and never to a gap. What is read again is recognised
 * by its key.
 *
 * Guarantees. Pages come oldest first. A page's cursor is never beyond its last item. When the reader
 * stops early, or a page cannot be read, the feed goes on from the last stored cursor.
 */
import type { ElasticCluster } from "../elastic/cluster/cluster.ts";
import type { JsonObject } from "../receipt/json.ts";

/** One document, ready for the source's `decode`. */
export interface FeedItem {
  /** Names the document for ever: `es:<index>/<id>`. What cannot be decoded is kept under it. */
  readonly name: string;
  /** When it says it was made, epoch milliseconds; null when it does not say. */
  readonly at: number | null;
  readonly document: JsonObject;
}

export interface FeedPage {
  /** May be none: then the page only says how far was looked. */
  readonly items: readonly FeedItem[];
  /** Where reading goes on when this page is durable. */
  readonly cursor: string;
  /** Epoch milliseconds: what was made before and can be seen is read when this page is durable. */
  readonly readTo: number;
  /**
   * To be called when the items are durable and before the cursor is stored: deletes what is consumed.
   * When it rejects, no cursor of this poll is stored any more; later pages may still be taken.
   */
  settle?(): Promise<void>;
}

export interface RangeOfItems {
  /** Epoch milliseconds, inside the range. */
  readonly since: number;
  /** Epoch milliseconds, outside the range. */
  readonly until: number;
  /** Without it documents may lack all that is not needed for an event's key and stream. */
  readonly whole: boolean;
  /** Whether items that do not say when they were made are given too, in every range all of them. */
  readonly timeless: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Feed {
  /**
   * From a cursor on until there is no more for now; null begins where the settings say. Throws
   * NOT_FOUND, CLUSTER_REFUSED, REQUEST_FAILED or EGRESS_REFUSED.
   */
  poll(cursor: string | null, signal?: AbortSignal): AsyncIterable<FeedPage>;
  /** Everything of a range of time, for comparing with what is known. Throws as `poll` does. */
  range(request: RangeOfItems): AsyncIterable<readonly FeedItem[]>;
  /** Where reading began with a cursor: what is older was left out on purpose. Epoch milliseconds. */
  originOf(cursor: string): number;
}

/** What a feed gets from the program. */
export interface FeedContext {
  /** The source's name in the configuration. */
  readonly name: string;
  /** A cluster of the configuration by its name. Throws CONFIG_INVALID for one that is not there. */
  cluster(name: string): ElasticCluster;
  now(): number;
}
