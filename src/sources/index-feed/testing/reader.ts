/** Whoever reads a feed in tests: makes pages durable, settles them, stores their cursors. */
import type { ElasticCluster } from "../../../elastic/cluster/cluster.ts";
import type { Feed, FeedItem, FeedPage } from "../../feed.ts";
import { openIndexFeed, type IndexFeedSettings } from "../feed.ts";

export const SETTINGS: IndexFeedSettings = {
  cluster: "lab",
  index: "alerts",
  size: 3,
  overlap: 600_000,
  settle: 5_000,
  startTime: null,
  consume: "keep",
  timeless: false,
  tracks: [{ name: "created", field: "@timestamp" }],
  filter: [],
  identityFields: null,
};

/** What is read: a cluster, its requests so far, and the time there. */
export interface Readable {
  readonly now: number;
  readonly calls: readonly string[];
  asCluster(): ElasticCluster;
}

export class FeedReader {
  /** Of the last page that was stored. */
  cursor: string | null = null;
  readTo = Number.NaN;
  /** All that were made durable, in order, with repeats. */
  readonly items: FeedItem[] = [];
  /** How far the clock of the feed is ahead of the true time. */
  skew = 0;
  readonly #cluster: Readable;
  readonly #settings: IndexFeedSettings;
  #feed: Feed;

  constructor(cluster: Readable, settings: Partial<IndexFeedSettings> = {}) {
    this.#cluster = cluster;
    this.#settings = { ...SETTINGS, ...settings };
    this.#feed = this.#open();
  }

  #open(): Feed {
    return openIndexFeed(this.#settings, {
      name: "alerts",
      cluster: () => this.#cluster.asCluster(),
      now: () => this.#cluster.now + this.skew,
    });
  }

  get feed(): Feed {
    return this.#feed;
  }

  /** The names of the items; of those in the index `alerts` only the ids. */
  get taken(): string[] {
    return this.items.map(({ name }) => name.replace(/^es:alerts\//, ""));
  }

  /** As after a crash: only the stored cursor is left. */
  reopen(): void {
    this.#feed = this.#open();
  }

  /** Ids of one poll. `onPage` runs before the page is stored; it may throw, or answer false to stop. */
  async poll(
    onPage: (page: FeedPage, count: number) => boolean | void = () => true,
    signal?: AbortSignal,
  ): Promise<string[]> {
    const before = this.items.length;
    let count = 0;
    for await (const page of this.#feed.poll(this.cursor, signal)) {
      if (onPage(page, ++count) === false) break;
      await this.store(page);
    }
    return this.taken.slice(before);
  }

  /** The requests of one more poll. */
  async callsOfPoll(): Promise<string[]> {
    const before = this.#cluster.calls.length;
    await this.poll();
    return this.#cluster.calls.slice(before);
  }

  async store(page: FeedPage): Promise<void> {
    this.items.push(...page.items);
    await page.settle?.();
    this.cursor = page.cursor;
    this.readTo = page.readTo;
  }

  async range(since: number, until: number, whole = true, timeless = true): Promise<FeedItem[]> {
    const items: FeedItem[] = [];
    const request = { since, until, whole, timeless };
    for await (const page of this.#feed.range(request)) items.push(...page);
    return items;
  }
}
